import type { Needs } from '../protocol/manifest';
import type { Slot } from '../protocol/update-info';

export type { Release } from '../protocol/release';

export interface ReleaseOptions {
  slot: Slot;
  /** What is released, for people: the name of the application, say. */
  name: string;
  /** Default: the first 8 hexadecimal digits of a hash of all files, so that the same files have the same. */
  version?: string;
  /** A local folder; all in it is part of the release, with the folders below. */
  folder?: string;
  /** Files from memory, instead of a folder or besides. Paths are relative to `to`. */
  files?: Array<{ path: string; data: Buffer | string }>;
  /** The folder on the board that the files go to. Default: `/src` for the slot `app`, else `/`. */
  to?: string;
  needs?: Needs;
  /** What an earlier release of the slot had, and this one has not, stays. */
  partial?: boolean;
  /** Sends Python compiled, which loads faster and with less memory. `main.py` stays as it is. */
  bytecode?: boolean;
  /** Only files that match one of these; patterns of picomatch. Default: all. */
  include?: string[];
  /** What is left out: patterns as in a sync's `ignore`. */
  exclude?: string[];
  signal?: AbortSignal;
}
