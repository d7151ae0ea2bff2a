import type { Node, NodeAPI, NodeMessageInFlow } from 'node-red';
import { InvalidInputError } from '../../core/index';
import { typedValue } from '../shared/property';

export interface Variable {
  name: string;
  type: string;
  value: string;
}

/** The part of the node's settings that is read anew for each message. */
export interface JobSettings {
  board: string;
  boardType: string;
  code: string;
  sourceType: string;
  source: string;
  variables: Variable[];
}

/** What one message asks for. */
export interface Job {
  boards: string[];
  /** Whether the boards came as a list, so that each answers for itself. */
  several: boolean;
  code: string;
  variables: Record<string, unknown>;
}

function bad(code: string, badge: string, sentence: string): InvalidInputError {
  return new InvalidInputError(code, badge, sentence);
}

function kind(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : `a value of type ${typeof value}`;
}

/** @throws InvalidInputError that names the setting and says what was found instead. */
export async function readJob(
  RED: NodeAPI,
  node: Node,
  settings: JobSettings,
  msg: NodeMessageInFlow,
): Promise<Job> {
  const { board, boardType } = settings;
  const where = boardType === 'str' ? 'The field "Board"' : `${boardType}.${board}`;
  const boards = boardNames(await typedValue(RED, node, boardType, board, msg), where);
  return { ...boards, code: await readCode(), variables: await readVariables() };

  async function readCode(): Promise<string> {
    const fromMessage = settings.sourceType === 'msg';
    const from = fromMessage ? `msg.${settings.source}` : 'The field "Python"';
    const code = fromMessage
      ? await typedValue(RED, node, 'msg', settings.source, msg)
      : settings.code;
    if (code === undefined) throw bad('NO_CODE', 'no code', `${from} is missing in the message.`);
    if (typeof code !== 'string') {
      throw bad('NO_CODE', 'no code', `${from} must be Python source as text, not ${kind(code)}.`);
    }
    if (code.trim() === '') throw bad('NO_CODE', 'no code', `${from} holds no Python code.`);
    return code;
  }

  async function readVariables(): Promise<Record<string, unknown>> {
    const values: Record<string, unknown> = {};
    for (const { name, type, value } of settings.variables) {
      const given = await typedValue(RED, node, type, value, msg);
      if (given === undefined) {
        const sentence = `The variable ${name} has no value: ${type}.${value} does not exist.`;
        throw bad('NO_VARIABLE', 'variable missing', sentence);
      }
      values[name] = given;
    }
    return values;
  }
}

function boardNames(value: unknown, where: string): Pick<Job, 'boards' | 'several'> {
  const missing = (sentence: string) => bad('NO_BOARD', 'no board', sentence);
  if (value === undefined || value === null || value === '') {
    throw missing(`${where} is empty. It names the board, like shed or esp32/test.`);
  }
  if (typeof value === 'string') return { boards: [value], several: false };
  if (!Array.isArray(value)) {
    throw missing(`${where} must be the name of a board, or a list of names, not ${kind(value)}.`);
  }
  if (value.length === 0) throw missing(`${where} is an empty list: there is no board to ask.`);
  const wrong = value.find((name) => typeof name !== 'string' || name === '');
  if (wrong !== undefined) {
    const found = wrong === '' ? 'an empty text' : kind(wrong);
    throw missing(`${where} must be a list of board names, but holds ${found}.`);
  }
  return { boards: [...new Set<string>(value)], several: true };
}
