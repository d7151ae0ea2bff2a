import { basename } from 'node:path/posix';
import { BoardFileError, boardPath } from '../core/index';

/** One path on the board or more, as yargs takes them. */
export const PATHS = {
  type: 'string',
  array: true,
  demandOption: true,
  describe: 'On the board',
} as const;

/**
 * Calls `act` with the path that is meant, as `cp` would find it: below `path` when that ends in a slash or
 * turns out to be a folder on the board, else `path` itself.
 */
export async function intoOrAs<T>(
  path: string,
  name: string,
  act: (path: string) => Promise<T>,
): Promise<T> {
  const inside = boardPath(`${path}/${name}`);
  if (path.endsWith('/')) return act(inside);
  try {
    return await act(boardPath(path));
  } catch (error) {
    const isFolder = error instanceof BoardFileError && /^(folder|exists)$/.test(error.reason);
    if (!isFolder) throw error;
    return act(inside);
  }
}

export const nameOf = (path: string) => basename(boardPath(path));
