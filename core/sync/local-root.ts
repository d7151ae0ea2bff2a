import { lstat, realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { InvalidInputError } from '../protocol/errors';
import { systemWords } from './local-file-error';

const isMissing = (error: unknown) => (error as NodeJS.ErrnoException).code === 'ENOENT';

/** Whether `path` is `folder` or below it; both are real paths. */
export function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/**
 * A folder that local paths do not leave, whatever they are written like and whatever symbolic links are
 * on the way. It is a fence against mistakes and bad input, not against somebody who can change the folder
 * at the same moment.
 */
export class LocalRoot {
  constructor(private readonly folder: string) {}

  /**
   * Returns the real path of a file or folder below the root. It need not exist yet, nor need the folders
   * above it. A relative path counts from the root.
   *
   * @throws InvalidInputError OUTSIDE_ROOT for one that leads out of it, ROOT_MISSING when the root is none,
   * BAD_PATH for what cannot be a path.
   */
  async resolve(path: string): Promise<string> {
    const shown = JSON.stringify(path);
    if (typeof path !== 'string' || path === '' || path.includes('\0')) {
      throw new InvalidInputError('BAD_PATH', 'bad local path', `${shown} is no local path.`);
    }
    const root = await this.real();
    const found = await realPath(resolve(root, path), shown);
    if (isWithin(root, found)) return found;
    throw outside(`${shown} leads out of ${this.folder}, the folder that local files are kept to.`);
  }

  private async real(): Promise<string> {
    try {
      return await realpath(this.folder);
    } catch (error) {
      const sentence = `The local root cannot be used: ${systemWords(error)}. Make that folder, or choose another.`;
      throw new InvalidInputError('ROOT_MISSING', 'no local root', sentence);
    }
  }
}

/** The real path, as far as there is something; below that the names as they are. */
async function realPath(path: string, shown: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (!isMissing(error)) throw badPath(shown, error);
  }
  // A link that leads nowhere yet is followed when the file is written, and could lead anywhere then.
  if (await exists(path, shown))
    throw outside(`${shown}: there is a symbolic link that leads nowhere.`);
  return join(await realPath(dirname(path), shown), basename(path));
}

async function exists(path: string, shown: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw badPath(shown, error);
  }
}

function badPath(shown: string, error: unknown): InvalidInputError {
  return new InvalidInputError('BAD_PATH', 'bad local path', `${shown}: ${systemWords(error)}.`);
}

function outside(sentence: string): InvalidInputError {
  return new InvalidInputError('OUTSIDE_ROOT', 'outside the folder', sentence);
}
