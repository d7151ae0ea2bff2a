import { Said } from '../../protocol/said';
import type { UpdateTarget } from '../../protocol/update-info';
import type { Cargo } from './content';
import type { RolloutPlan, RolloutSettings } from './plan';
import { type BoardResult, OUTCOMES } from './types';

/** How far one board of a roll-out is. */
export interface BoardState {
  board: string;
  /** `waiting` for a wave, in one, or at its end. */
  stage: 'waiting' | 'wave' | 'over';
  canary?: boolean;
  /** Tries that something was sent in, and what they cost. */
  attempts: number;
  wireBytes: number;
  elapsedMs: number;
  /**
   * Id of the update that the board told of before it was tried for the first time, empty for none: another one
   * since is ours, whoever began it.
   */
  mark?: string;
  /** It was told to restart into what is new: what becomes of it is up to the board, whoever still asks. */
  restarted?: boolean;
  result?: BoardResult;
}

/** A board that failed. */
export interface Trouble {
  /** With which content, and how often in a row. */
  key: string;
  times: number;
  /** When it did so last, UNIX milliseconds, and why. */
  at: number;
  reason: string;
}

/** A roll-out as it is written down. */
export interface RolloutState {
  version: 1;
  id: string;
  what: UpdateTarget;
  /** Of the content. */
  contentVersion: string;
  key: string;
  settings: RolloutSettings;
  status: 'running' | 'paused' | 'stopped' | 'aborted' | 'done';
  why?: string;
  /** UNIX milliseconds. */
  begun: number;
  boards: BoardState[];
  /** How many waves have begun, and how many of them behind the canaries. */
  waves: number;
  regular: number;
  /** One is under way; and how many boards had been tried when the one before ended. */
  open: boolean;
  tried: number;
  /** The next wave begins no sooner: UNIX milliseconds. */
  nextAt: number;
  /** All that were there have had their wave: who comes now need not wait for one. */
  late: boolean;
  /** Bytes that went to many boards at once. */
  shared: number;
  trouble: Record<string, Trouble>;
}

export function newState(plan: RolloutPlan, cargo: Cargo, boards: string[] = []): RolloutState {
  const { what, version, key } = cargo;
  const { content: _, targets: __, id, ...settings } = plan;
  return {
    ...{ version: 1, id, what, contentVersion: version, key, settings },
    ...{ status: 'running', begun: Date.now(), boards: boards.map(newBoard) },
    ...{ waves: 0, regular: 0, open: false, tried: 0, nextAt: 0, late: false, shared: 0 },
    trouble: {},
  };
}

function newBoard(board: string): BoardState {
  return { board, stage: 'waiting', attempts: 0, wireBytes: 0, elapsedMs: 0 };
}

export function isOver({ status }: RolloutState): boolean {
  return status !== 'running' && status !== 'paused';
}

/** The boards that failed, of whatever roll-out was written down last. */
export function restoreTrouble(saved: unknown): Record<string, Trouble> {
  const found = Said.of(Said.of(saved)?.keys.trouble)?.keys ?? {};
  return Object.fromEntries(
    Object.entries(found).flatMap(([board, entry]) => {
      const said = Said.of(entry);
      const [key, times, at] = [said?.text('key'), said?.count('times'), said?.count('at')];
      if (key === undefined || times === undefined || at === undefined) return [];
      return [[board, { key, times, at, reason: said?.text('reason') ?? '' }]];
    }),
  );
}

/** What was written down; undefined for what another version, or nobody, wrote. */
export function restoreState(saved: unknown): RolloutState | undefined {
  const said = Said.of(saved);
  const state = saved as RolloutState;
  const numbers = ['begun', 'waves', 'regular', 'tried', 'nextAt', 'shared'];
  const texts = ['id', 'what', 'contentVersion', 'key', 'status'];
  const whole =
    said?.number('version') === 1 &&
    numbers.every((key) => said.count(key) !== undefined) &&
    texts.every((key) => said.text(key) !== undefined) &&
    Said.of(state.settings) !== undefined &&
    Array.isArray(state.boards) &&
    state.boards.every(isBoardState);
  return whole ? { ...state, trouble: restoreTrouble(saved) } : undefined;
}

function isBoardState(entry: unknown): boolean {
  const said = Said.of(entry);
  const stage = said?.word('stage', ['waiting', 'wave', 'over']);
  const result = Said.of(said?.keys.result);
  return (
    said?.text('board') !== undefined &&
    ['attempts', 'wireBytes', 'elapsedMs'].every((key) => said.count(key) !== undefined) &&
    (stage === 'over' ? result?.word('outcome', OUTCOMES) !== undefined : stage !== undefined)
  );
}
