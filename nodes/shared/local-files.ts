import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { LocalRoot } from '../../core/index';

const USUAL_ROOT = 'mqboard';

/** What may stand in a local path in braces. */
export interface Names {
  board: string;
  path: string | undefined;
}

/** The local files and folders that a node may touch: those below its root. */
export class LocalFiles {
  readonly root: LocalRoot;
  private readonly folder: string;

  /** `configured` is the field "Local root" of the dialog; a relative one counts from `userDir`. */
  constructor(
    private readonly configured: string,
    userDir: string,
  ) {
    this.folder = resolve(userDir, configured || USUAL_ROOT);
    this.root = new LocalRoot(this.folder);
  }

  /** The real path of a local file or folder, with its placeholders filled in. */
  async find(local: string, names: Names): Promise<string> {
    // The usual folder is ours to make; one that somebody names and that is not there is a mistake.
    if (!this.configured) await mkdir(this.folder, { recursive: true });
    return this.root.resolve(fill(local, names));
  }
}

/** `{board}`, `{path}` and `{date}` (of today, local time) become what they stand for. */
function fill(local: string, { board, path = '' }: Names): string {
  const values: Record<string, string> = { board, path: path.replace(/^\//, ''), date: today() };
  return local.replace(/\{(board|path|date)\}/g, (_, name: string) => values[name] ?? '');
}

function today(): string {
  const now = new Date();
  const two = (number: number) => String(number).padStart(2, '0');
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}
