import type { UpdateProgress } from '../../board/updates/types';
import type { UpdateTarget } from '../../protocol/update-info';

export const OUTCOMES = [
  ...(['updated', 'already', 'rolled-back'] as const),
  ...(['failed', 'unreachable', 'refused'] as const),
] as const;

/**
 * What became of a board. `updated`: it says itself, on what is new, that it is confirmed. `already`: it had that
 * version. `rolled-back`: it tried it, and has what it had before. `failed`: it could not be sent, or nobody knows.
 * `unreachable`: it was not there, or went before its trial. `refused`: the board does not take it, or it is left alone for now.
 */
export type BoardOutcome = (typeof OUTCOMES)[number];

/** The end of one board. Keys that do not apply are missing. */
export interface BoardResult {
  board: string;
  outcome: BoardOutcome;
  what: UpdateTarget;
  /** What it was to get, and what it had. */
  version: string;
  before?: string;
  /** Why, in words. */
  reason?: string;
  /** Id of the crash report that tells more. */
  crash?: string;
  /** How often it was tried. */
  attempts: number;
  /** Bytes of data that were sent to this board alone, repeats included. */
  wireBytes: number;
  elapsedMs: number;
  /** It failed too often, and is left alone until then: UNIX milliseconds. */
  leftAloneUntil?: number;
}

export type RolloutCounts = Record<BoardOutcome, number> & {
  /** Boards that have no result. */
  open: number;
  total: number;
};

export interface RolloutResult {
  id: string;
  /** `stopped`: too many failed. `suspended`: it was closed, and goes on when it is begun again. */
  state: 'done' | 'stopped' | 'aborted' | 'suspended';
  /** Why it was stopped or aborted. */
  why?: string;
  what: UpdateTarget;
  version: string;
  counts: RolloutCounts;
  /** In the order of the targets. */
  results: BoardResult[];
  /** Boards without a result. */
  open: string[];
  /** Bytes of data that were sent, to single boards and to many at once. */
  wireBytes: number;
  /** Since it began, pauses and restarts of the host included. */
  elapsedMs: number;
}

export interface RolloutProgress {
  board: string;
  phase: UpdateProgress['phase'];
  done?: number;
  total?: number;
}

/** Event names of a `Rollout`, each with what its listeners are given. */
export interface RolloutEvents {
  /** It is known which boards it is for, and what has become of them so far. */
  begun: [];
  /** A board got on. */
  progress: [progress: RolloutProgress];
  /** The final result of one board. */
  board: [result: BoardResult];
  /** A wave begins, counted from 1. */
  wave: [wave: { wave: number; canaries: boolean; boards: string[] }];
  paused: [];
  resumed: [];
  /** It ends before its time: no further board is begun. */
  stopped: [stop: { why: string }];
  done: [result: RolloutResult];
}
