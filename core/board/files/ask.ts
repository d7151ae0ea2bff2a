import { BoardRefusedError } from '../../protocol/errors';
import type { Call } from '../call';
import { type CommandV2, runV2 } from '../command-v2';

/** Carries out a command whose value is a JSON object, and returns that. */
export async function ask(call: Call, command: CommandV2): Promise<Record<string, unknown>> {
  const { text } = await runV2(call, command);
  const value = parseObject(text);
  if (value) return value;
  throw new BoardRefusedError('bad', `${command.do} ended with ${JSON.stringify(text)}, not JSON.`);
}

/** Returns undefined for text that is no JSON object, or not all of one. */
export function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
