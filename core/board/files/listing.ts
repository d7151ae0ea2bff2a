import type { FileEntry } from './types';

/** Reads the lines of a `list`, which may come cut anywhere. */
export class Listing {
  readonly entries: FileEntry[] = [];
  private rest = '';

  constructor(
    private readonly folder: string,
    private readonly onEntry: ((entry: FileEntry) => void) | undefined,
  ) {}

  take(text: string): void {
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop() ?? '';
    for (const line of lines) this.add(JSON.parse(line));
  }

  /** The SHA-256 is null of a file that became shorter meanwhile. */
  private add([name, size, sha256]: [string, number?, (string | null)?]): void {
    const path = name === '' ? this.folder : `${this.folder === '/' ? '' : this.folder}/${name}`;
    const entry: FileEntry = name.endsWith('/')
      ? { path: path.slice(0, -1), type: 'folder' }
      : { path, type: 'file', size: size ?? 0, ...(sha256 && { sha256 }) };
    this.entries.push(entry);
    this.onEntry?.(entry);
  }
}
