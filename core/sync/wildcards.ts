import { readdir, stat } from 'node:fs/promises';
import { isAbsolute, join, parse } from 'node:path';
import { hasWildcard } from './specification';

/**
 * Finds the files that a pattern with `*` and `?` matches, in the order of their names. As in a shell neither
 * stands for a slash, nor for the dot that a name begins with. Folders are no match. Without a wildcard
 * it is the one file, whether it exists or not.
 */
export async function expand(pattern: string, folder: string): Promise<string[]> {
  if (!hasWildcard(pattern)) return [isAbsolute(pattern) ? pattern : join(folder, pattern)];
  const start = isAbsolute(pattern) ? parse(pattern).root : '';
  let found = [start || folder];
  for (const name of pattern.slice(start.length).split('/')) {
    const next = found.map(async (path) => {
      const names = hasWildcard(name) ? await matches(path, name) : [name];
      return names.map((inner) => join(path, inner));
    });
    found = (await Promise.all(next)).flat();
  }
  const areFiles = await Promise.all(found.map(isFile));
  return found.filter((_, index) => areFiles[index]);
}

async function matches(folder: string, name: string): Promise<string[]> {
  const expression = shellExpression(name);
  // A folder that is not there, or is none, has no files that match.
  const names = await readdir(folder).catch(() => []);
  return names.filter((entry) => expression.test(entry)).sort();
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}

function shellExpression(name: string): RegExp {
  const source = name
    .replace(/[\\^$.|+()[\]{}]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${name.startsWith('.') ? '' : '(?!\\.)'}${source}$`, 'su');
}
