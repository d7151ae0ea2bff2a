import { MqboardError } from '../protocol/errors';

/** A local file or folder cannot be read or written. */
export class LocalFileError extends MqboardError {
  constructor(message: string, cause?: unknown) {
    super('LOCAL_FILE', 'local file error', message, cause === undefined ? undefined : { cause });
  }
}

/** What the system's codes mean to people. */
const MEANINGS: Record<string, string> = {
  EACCES: 'that is not permitted',
  EEXIST: 'there is a file of that name',
  EISDIR: 'it is a folder, not a file',
  ENAMETOOLONG: 'the name is too long',
  ENOENT: 'there is no such file or folder',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EPERM: 'that is not permitted',
  EROFS: 'the disk is read-only',
};

/** Says in words what the file system has said, and of what. */
export function systemWords(error: unknown): string {
  const { code = '', message, path } = error as NodeJS.ErrnoException;
  const meaning = MEANINGS[code];
  if (!meaning) return message;
  return path === undefined ? meaning : `${meaning} (${path})`;
}

/** Makes an error for people of one of the file system; leaves all others as they are. */
export function localError(error: unknown, what: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof MqboardError || !/^E[A-Z0-9]+$/.test(code ?? '')) return error;
  return new LocalFileError(`${what}: ${systemWords(error)}`, error);
}
