import { BoardRefusedError } from '../../protocol/errors';
import type { FileEntry } from './types';

/** Reads the lines of a `list`, which may come cut anywhere. */
export class Listing {
  readonly entries: FileEntry[] = [];
  private rest = '';

  constructor(
    private readonly folder: string,
    private readonly onEntry: ((entry: FileEntry) => void) | undefined,
  ) {}

  /** @throws BoardRefusedError for a line that is none of a list. */
  take(text: string): void {
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop() ?? '';
    for (const line of lines) {
      const entry = this.entry(line);
      if (!entry) {
        throw new BoardRefusedError('bad', `it listed ${line}, which is no file and no folder.`);
      }
      this.entries.push(entry);
      this.onEntry?.(entry);
    }
  }

  /** The SHA-256 is null of a file that became shorter meanwhile. */
  private entry(line: string): FileEntry | undefined {
    const [name, size, sha256] = parseArray(line);
    if (typeof name !== 'string' || /^\/|(^|\/)\.\.?(\/|$)/.test(name)) return undefined;
    const path = name === '' ? this.folder : `${this.folder === '/' ? '' : this.folder}/${name}`;
    if (name.endsWith('/')) return { path: path.slice(0, -1), type: 'folder' };
    if (typeof size !== 'number') return undefined;
    return { path, type: 'file', size, ...(typeof sha256 === 'string' && { sha256 }) };
  }
}

function parseArray(line: string): unknown[] {
  try {
    const value = JSON.parse(line);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
