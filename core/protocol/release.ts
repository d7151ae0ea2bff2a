import type { Manifest } from './manifest';

/** Files that go to a board together, into one slot. */
export interface Release {
  manifest: Manifest;
  /** The manifest as it goes to the board. */
  text: Buffer;
  /** In the order of the manifest's files. */
  contents: Buffer[];
  /** SHA-256 of `text`. */
  id: string;
}
