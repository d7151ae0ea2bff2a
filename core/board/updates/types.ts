import type { Slot, UpdateInfo, UpdateTarget } from '../../protocol/update-info';
import type { FileOptions } from '../files/types';
import type { SharedStream } from '../transfer/shared-stream';

/** How far an update is. `done` and `total` are bytes, and there while something is sent. */
export interface UpdateProgress {
  phase: 'checking' | 'sending' | 'restarting' | 'trial';
  done?: number;
  total?: number;
}

/** `timeoutMs` is the longest time without progress while something is checked or sent: default 60 000. */
export interface UpdateOptions extends FileOptions {
  onProgress?: (progress: UpdateProgress) => void;
  /** How long the board may take from its restart until it is confirmed or undone. Default 15 minutes. */
  trialMs?: number;
  /** Sends once what several boards take that join at the same time. */
  share?: SharedStream;
}

export interface FlashOptions extends UpdateOptions {
  /** Default true: blocks that the board's running image has are copied there, and not sent. */
  delta?: boolean;
  /** Default: the one in the image's header. */
  version?: string;
}

export interface UpdateResult {
  /**
   * `updated`: the board itself, on what was asked for, says that it is confirmed. `already`: it was there, and
   * nothing was done. `rolled-back`: it did not prove itself, and the board went back to what it had.
   */
  outcome: 'updated' | 'already' | 'rolled-back';
  what: UpdateTarget;
  /** Of what was asked for. */
  version: string;
  /** What was there before, where the board had said it. */
  before?: string;
  /** Why the board went back, in words; and the id of the crash report that tells more. */
  reason?: string;
  crash?: string;
  /** Bytes of data that went to this board alone: without those of a shared stream, and without headers. */
  wireBytes: number;
  elapsedMs: number;
}

/** What a board has in its slots. */
export interface ReleaseState {
  slots: Partial<Record<Slot, SlotState>>;
  update?: UpdateInfo;
  /** Free bytes of the flash. */
  free?: number;
}

export interface SlotState {
  /** Undefined where there is no release, but files all the same. */
  name?: string;
  version?: string;
  /** How many files it has. */
  files?: number;
  /** Version of the one before, that `rollback` brings back; empty for what was there before the first release. */
  before?: string;
  /** Paths that are not what the release had; without `verify` those that the board saw change. */
  modified: string[];
}

export interface RollbackOptions extends UpdateOptions {
  /** Why, for the board's log and its `info`. */
  why?: string;
}

export type ResetHow = 'normal' | 'safe' | 'soft' | 'hard';

/** `timeoutMs`: default 10 000; with `wait` 60 000. */
export interface ResetOptions extends FileOptions {
  /** For the board's log and its next birth message. */
  why?: string;
  /** Waits until the board is back. */
  wait?: boolean;
}
