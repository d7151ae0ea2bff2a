import { InvalidInputError } from './errors';

function badPath(sentence: string): InvalidInputError {
  return new InvalidInputError('BAD_PATH', 'bad path', sentence);
}

/**
 * Makes the one spelling of a path on a board: absolute, without `.`, without doubled slashes and
 * without one at the end. What does not begin with `/` is meant from the root.
 * @throws InvalidInputError for what cannot be a path, or what leads up by `..`.
 */
export function boardPath(path: unknown): string {
  if (typeof path !== 'string' || path === '') {
    throw badPath('The path on the board is missing. It is written like /lib/a.py.');
  }
  const shown = JSON.stringify(path);
  if (/[\0\p{Surrogate}]/u.test(path)) {
    throw badPath(`The path ${shown} holds a character that no file system takes.`);
  }
  const names = path.split('/').filter((name) => name !== '' && name !== '.');
  if (names.includes('..')) {
    throw badPath(`The path ${shown} holds "..": write the path that is meant, from the root on.`);
  }
  return `/${names.join('/')}`;
}
