import type { Node, NodeAPI, NodeMessageInFlow } from 'node-red';
import { InvalidInputError } from '../../core/index';
import { typedValue } from './property';

/** The settings that say which board is meant. */
export interface BoardSettings {
  board: string;
  boardType: string;
}

export interface BoardNames {
  boards: string[];
  /** Whether they came as a list, so that each answers for itself. */
  several: boolean;
}

/** What a value is, in words. */
export function kind(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : `a value of type ${typeof value}`;
}

/** @throws InvalidInputError that names the setting and says what was found instead. */
export async function readBoardNames(
  RED: NodeAPI,
  node: Node,
  { board, boardType }: BoardSettings,
  msg: NodeMessageInFlow,
): Promise<BoardNames> {
  const where = boardType === 'str' ? 'The field "Board"' : `${boardType}.${board}`;
  return boardNames(await typedValue(RED, node, boardType, board, msg), where);
}

function boardNames(value: unknown, where: string): BoardNames {
  const missing = (sentence: string) => new InvalidInputError('NO_BOARD', 'no board', sentence);
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
