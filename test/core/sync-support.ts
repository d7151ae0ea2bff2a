import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import type { Board, FileEntry, ListOptions, PutOptions, RemoveOptions } from '../../core/index';
import { BoardFileError, NotConnectedError } from '../../core/index';

const sha = (data: Buffer) => createHash('sha256').update(data).digest('hex');

/** A board that is a map: what a sync asks of it, and how it answers. */
export class MapBoard {
  readonly prefix = 'map/board';
  readonly info: { bytecode: number | undefined };
  readonly files = new Map<string, Buffer>();
  readonly folders = new Set<string>(['/']);
  /** What was changed, in order: `put /a`, `mkdir /b`, ... */
  readonly changes: string[] = [];
  /** The most puts that ran at the same time. */
  mostAtOnce = 0;
  private running = 0;

  /**
   * `room` is how many bytes its flash holds; `bytecode` the version of .mpy that it loads; `awayFor` how
   * many of the calls that change something without a transfer find no connection, before one does.
   */
  constructor(
    files: Record<string, string> = {},
    private readonly knobs: {
      room?: number;
      bytecode?: number | undefined;
      awayFor?: number;
    } = {},
  ) {
    this.info = { bytecode: 'bytecode' in knobs ? knobs.bytecode : 6 };
    for (const [path, content] of Object.entries(files)) {
      if (path.endsWith('/')) this.addFolder(path.slice(0, -1));
      else this.store(path, Buffer.from(content));
    }
  }

  asBoard(): Board {
    return this as unknown as Board;
  }

  get contents(): Record<string, string> {
    return Object.fromEntries([...this.files].sort().map(([path, data]) => [path, `${data}`]));
  }

  async list(path: string, { recursive }: ListOptions = {}): Promise<FileEntry[]> {
    if (this.files.has(path)) return [this.entry(path)];
    if (!this.folders.has(path)) throw new BoardFileError('missing', path, this.prefix, '');
    const within = (other: string) =>
      other !== path &&
      (recursive
        ? other.startsWith(path === '/' ? '/' : `${path}/`)
        : posix.dirname(other) === path);
    const folders = [...this.folders].filter(within);
    return [
      ...folders.map((folder): FileEntry => ({ path: folder, type: 'folder' })),
      ...[...this.files.keys()].filter(within).map((file) => this.entry(file)),
    ];
  }

  async put(path: string, data: Buffer, { onProgress, signal }: PutOptions = {}): Promise<object> {
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.running);
    await new Promise(setImmediate);
    this.running--;
    signal?.throwIfAborted();
    const used = [...this.files.values()].reduce((sum, { length }) => sum + length, 0);
    if (used + data.length > (this.knobs.room ?? Number.POSITIVE_INFINITY)) {
      throw new BoardFileError('full', path, this.prefix, '');
    }
    const { length: total } = data;
    onProgress?.({ bytes: total, total, bytesPerSecond: 1000, remainingSeconds: 0 });
    this.store(path, data);
    this.changes.push(`put ${path}`);
    return { wireBytes: data.length };
  }

  async mkdir(path: string): Promise<void> {
    this.checkLink();
    this.addFolder(path);
    this.changes.push(`mkdir ${path}`);
  }

  async remove(path: string, { what = 'file' }: RemoveOptions = {}): Promise<void> {
    this.checkLink();
    const below = [...this.files.keys(), ...this.folders].filter((it) => it.startsWith(`${path}/`));
    if (what === 'folder' && below.length > 0) {
      throw new BoardFileError('notempty', path, this.prefix, '');
    }
    if (what === 'file' && !this.files.has(path)) {
      throw new BoardFileError('missing', path, this.prefix, '');
    }
    for (const gone of [path, ...below]) {
      this.files.delete(gone);
      this.folders.delete(gone);
    }
    this.changes.push(`remove ${path}`);
  }

  private checkLink(): void {
    const { awayFor = 0 } = this.knobs;
    if (awayFor > 0) {
      this.knobs.awayFor = awayFor - 1;
      throw new NotConnectedError();
    }
  }

  private entry(path: string): FileEntry {
    const data = this.files.get(path) ?? Buffer.alloc(0);
    return { path, type: 'file', size: data.length, sha256: sha(data) };
  }

  private store(path: string, data: Buffer): void {
    this.addFolder(posix.dirname(path));
    this.files.set(path, data);
  }

  private addFolder(path: string): void {
    if (path !== '/') this.addFolder(posix.dirname(path));
    this.folders.add(path);
  }
}

/** A folder with files, `null` for an empty folder inside; gone again with `remove()`. */
export function localFolder(files: Record<string, string | Buffer | null>): {
  path: string;
  remove: () => void;
} {
  const path = mkdtempSync(join(tmpdir(), 'mqboard-sync-'));
  for (const [name, content] of Object.entries(files)) {
    const place = join(path, name);
    mkdirSync(content === null ? place : dirname(place), { recursive: true });
    if (content !== null) writeFileSync(place, content);
  }
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
