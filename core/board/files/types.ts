import type { Hash } from 'node:crypto';

/** How long and by whom a call may be ended. */
export interface FileOptions {
  /**
   * Milliseconds: of `list`, `hash` and the `remove` of all that is in a folder the longest time without a
   * sign of life (default 60 000), of transfers the longest time without progress (default 60 000), of the
   * others the whole call (default 10 000).
   */
  timeoutMs?: number;
  /** Aborting it cancels the command on the board. */
  signal?: AbortSignal;
}

/** How far a transfer is. `bytes` starts behind what was there of an earlier try. */
export interface TransferProgress {
  bytes: number;
  total: number;
  /** Of the last seconds. */
  bytesPerSecond: number;
  /** Undefined while there is no rate to go by. */
  remainingSeconds: number | undefined;
}

/**
 * A transfer goes on by itself after a lost link, a board that was offline or that restarted, as long as
 * it makes progress within `timeoutMs`.
 */
export interface TransferOptions extends FileOptions {
  onProgress?: (progress: TransferProgress) => void;
}

export interface PutOptions extends TransferOptions {
  /** Makes the folders that are missing above the path. */
  parents?: boolean;
  /** Default true: compressed where the board can inflate and it is shorter. */
  compress?: boolean;
}

export interface PutResult {
  path: string;
  size: number;
  sha256: string;
  /** Bytes of file data that went over the wire, repeats included; without headers. */
  wireBytes: number;
  compressed: boolean;
  /** Where it went on behind what an earlier try had left. */
  resumedAt: number;
  /** The board had this very file: nothing was written. */
  unchanged: boolean;
  elapsedMs: number;
}

/** Takes the bytes of a file as they come. */
export interface GetSink {
  /**
   * What is there of an earlier try, with its SHA-256; size 0 for nothing. With `hash`, which has taken in
   * the same bytes, the whole file is checked here, too, and not only what was there and what came.
   */
  begin(): Promise<{ size: number; sha256: string; hash?: Hash }>;
  /** The file is another one than before: what is there counts for nothing. */
  restart(): Promise<void>;
  /** The next bytes. No more come before it is over. */
  write(data: Buffer): void | Promise<void>;
}

export interface GetOptions extends TransferOptions {
  /** Where the bytes go. Without it they are collected in memory. */
  into?: GetSink;
}

export interface GetResult {
  path: string;
  size: number;
  sha256: string;
  /** Undefined when they went into a sink. */
  data: Buffer | undefined;
  /** Where it went on behind what the sink had. */
  resumedAt: number;
  elapsedMs: number;
}

export interface FileEntry {
  /** Absolute. */
  path: string;
  type: 'file' | 'folder';
  /** Of a file, in bytes. */
  size?: number;
  /** Of a file, when it was asked for. */
  sha256?: string;
}

export interface ListOptions extends FileOptions {
  /** With what is in the folders below. */
  recursive?: boolean;
  /** With the SHA-256 of each file, which takes the board some time. */
  hash?: boolean;
  /** Each entry as it comes. */
  onEntry?: (entry: FileEntry) => void;
}

export interface FileStat {
  path: string;
  type: 'file' | 'folder';
  /** Of a file, in bytes. */
  size?: number;
  /** Of a file, where the board knows it. */
  modified?: Date;
  /** Size of the file system that a folder is on, in bytes. */
  total?: number;
  /** Free bytes of the file system that a folder is on. */
  free?: number;
}

export interface FileHash {
  path: string;
  size: number;
  sha256: string;
}

export interface MkdirOptions extends FileOptions {
  /** Makes the folders above, too; then a folder that exists is no error. */
  parents?: boolean;
}

export interface RemoveOptions extends FileOptions {
  /** A file (default), an empty folder, or whatever it is with all that is in it. */
  what?: 'file' | 'folder' | 'all';
}
