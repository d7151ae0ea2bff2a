import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { throwIfAborted } from './cancel';
import type { Ignore } from './ignore';
import { LocalFileError, localError } from './local-file-error';
import { isWithin } from './local-root';

const UNREADABLE = 'A local file cannot be read';
const FOLDER_UNREADABLE = 'A local folder cannot be read';

/** A local file as it was found; `path` is relative to the folder, with slashes. */
export interface LocalFile {
  path: string;
  /** Where to read it: no symbolic link is on the way any more. */
  real: string;
  size: number;
}

export interface LocalTree {
  files: LocalFile[];
  folders: string[];
  /** What is left out, and why. */
  skipped: Array<{ path: string; reason: 'ignored' | 'link' | 'special'; note?: string }>;
}

/**
 * Finds everything in a folder, in the order of the names. Symbolic links are followed within the folder;
 * those that lead out of it, in circles or nowhere are left out, and told.
 * @throws LocalFileError when there is no such folder, or a part of it cannot be read.
 */
export async function walk(
  folder: string,
  ignore: Ignore,
  signal?: AbortSignal,
): Promise<LocalTree> {
  const root = await realFolder(folder);
  const tree: LocalTree = { files: [], folders: [], skipped: [] };

  const visit = async (real: string, path: string, above: string[]): Promise<void> => {
    const reading = readdir(real, { withFileTypes: true });
    const entries = (await (path === '' ? reading : reading.catch(ifMissing))) ?? [];
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      throwIfAborted(signal);
      const inner = path === '' ? entry.name : `${path}/${entry.name}`;
      const skip = (reason: 'ignored' | 'link' | 'special', note?: string) =>
        tree.skipped.push({ path: inner, reason, ...(note !== undefined && { note }) });
      const place = entry.isSymbolicLink()
        ? await realpath(join(real, entry.name)).catch(() => undefined)
        : join(real, entry.name);
      if (entry.isSymbolicLink() && ignore.ignores(inner, false)) skip('ignored');
      else if (place === undefined) skip('link', 'a symbolic link that leads nowhere');
      else if (!isWithin(root, place)) skip('link', 'a symbolic link that leads out of the folder');
      else if (above.includes(place)) skip('link', 'a symbolic link that leads in a circle');
      else {
        const found = await stat(place).catch(ifMissing);
        if (!found) skip('special', 'it is gone meanwhile, or its name is not UTF-8');
        else if (ignore.ignores(inner, found.isDirectory())) skip('ignored');
        else if (found.isDirectory()) {
          tree.folders.push(inner);
          await visit(place, inner, [...above, place]);
        } else if (!found.isFile()) skip('special', 'neither a file nor a folder');
        else tree.files.push({ path: inner, real: place, size: found.size });
      }
    }
  };

  try {
    await visit(root, '', [root]);
  } catch (error) {
    throw localError(error, FOLDER_UNREADABLE);
  }
  return tree;
}

/** Editors make and remove files all the time. */
function ifMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

async function realFolder(folder: string): Promise<string> {
  try {
    const real = await realpath(folder);
    if ((await stat(real)).isDirectory()) return real;
  } catch (error) {
    throw localError(error, FOLDER_UNREADABLE);
  }
  throw new LocalFileError(`${folder} is a file; a folder was expected.`);
}

/** Reads whatever there is to read. @throws LocalFileError */
export async function readLocal(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw localError(error, UNREADABLE);
  }
}

/**
 * Reads a file, and nothing else: where nobody writes to it, a pipe holds up one of the four threads that
 * all files of a process share.
 * @throws LocalFileError
 */
export async function readLocalFile(path: string): Promise<Buffer> {
  const found = await stat(path).catch(() => undefined);
  if (!found || found.isFile() || found.isDirectory()) return readLocal(path);
  throw new LocalFileError(`${UNREADABLE}: ${path} is a pipe, a socket or a device.`);
}
