import { BoardError, BoardRefusedError } from '../../protocol/errors';
import type { Call } from '../call';
import { Deadline } from '../deadline';
import { parseObject } from '../files/ask';
import { evalV1 } from './eval';
import { fileErrorV1 } from './file-error';
import { type ManageKeys, manage, python } from './python';

/** A board that never said a word is given up after so long, however long the call may last. */
const FIRST_ANSWER_MS = 10_000;

async function firstAnswer(call: Call): Promise<void> {
  const { deadline, story } = call;
  const brief = new Deadline(FIRST_ANSWER_MS, [deadline.signal], () => story.timeoutError());
  try {
    await evalV1({ ...call, deadline: brief }, 'None');
  } finally {
    brief.clear();
  }
}

/** Runs a program of ours about `path`, and returns what it printed. */
export async function tell(
  call: Call,
  source: string,
  path: string,
  missing: 'missing' | 'parent' = 'missing',
): Promise<string> {
  if (call.way.presence.isUnheardOf) await firstAnswer(call);
  try {
    return await evalV1(call, source);
  } catch (error) {
    if (!(error instanceof BoardError)) throw error;
    throw fileErrorV1(error.traceback, path, call.way.prefix, missing);
  }
}

/** Runs a program that prints one JSON object, and returns that. */
export async function askV1(...asked: Parameters<typeof tell>): Promise<Record<string, unknown>> {
  const text = await tell(...asked);
  const said = parseObject(text);
  if (said) return said;
  throw new BoardRefusedError(
    'bad',
    `it answered ${JSON.stringify(text)}, and not what was asked.`,
  );
}

/** The lines of a `list`, as in version 2. */
export function listV1(call: Call, path: string, deep: boolean, sha: boolean): Promise<string> {
  return tell(call, python.list(path, deep, sha), path);
}

/** Carries out a command of version 2 that a board of version 1 does not have. */
export function manageV1(
  call: Call,
  command: keyof typeof manage,
  keys: ManageKeys,
): Promise<Record<string, unknown>> {
  return askV1(call, manage[command](keys), keys.path, command === 'mkdir' ? 'parent' : 'missing');
}
