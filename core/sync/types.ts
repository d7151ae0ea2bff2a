import type { TransferProgress } from '../board/files/types';
import type { LocalRoot } from './local-root';

/** What a board shall have. */
export type SyncSource =
  /** Everything in a local folder, with its folders. */
  | { kind: 'folder'; folder: string; target: string }
  /** Files from memory; their paths are relative to `target`. */
  | { kind: 'list'; target: string; files: Array<{ path: string; content: Buffer | string }> }
  /** A text as `docs/sync.md` describes it; the files it names are relative to `folder`. */
  | { kind: 'specification'; text: string; folder: string };

export interface SyncOptions {
  /** Finds out what there is to do, and changes nothing. */
  dryRun?: boolean;
  /** Removes what the board has below the target and the source has not. */
  delete?: boolean;
  /** What neither side's sync touches: patterns of picomatch; one that begins with `!` takes back. */
  ignore?: string[];
  /** Sends Python files compiled, where the board can load that. */
  mpy?: boolean;
  signal?: AbortSignal;
  /** For each transfer the longest time without progress, for other commands the whole; in ms. */
  timeoutMs?: number;
  /** Over the bytes of all files that are sent; `path` is the file that has just got on. */
  onProgress?: (progress: TransferProgress & { path: string }) => void;
  /** What was done, as it is done; with `dryRun` what would be. */
  onAction?: (action: SyncAction) => void;
  /** Local files are read below this folder only. */
  root?: LocalRoot;
}

export interface SyncAction {
  action: 'put' | 'same' | 'mkdir' | 'remove' | 'skip';
  /** On the board; of a local entry that is left out, where it would have gone. */
  path: string;
  /** Of what is removed. */
  type?: 'file' | 'folder';
  /**
   * Why: `missing`, `differs` (put); `missing` (mkdir); `twin`, `extra`, `in the way` (remove);
   * `ignored`, `protected`, `check-only`, `no-update`, `link`, `special` (skip).
   */
  reason?: string;
  /** Where its content is from. */
  source?: string;
  /** In bytes, as the board has it afterwards. */
  size?: number;
  /** Bytes of file data that went over the wire. */
  wireBytes?: number;
  /** What else should be known, for people. */
  note?: string;
}

export interface SyncReport {
  /** Of a specification all its targets, separated by commas. */
  target: string;
  dryRun: boolean;
  actions: SyncAction[];
  put: number;
  same: number;
  made: number;
  removed: number;
  skipped: number;
  /** Of the files that were put. */
  bytes: number;
  wireBytes: number;
  elapsedMs: number;
}
