import { MqboardError } from '../protocol/errors';

/** A local file or folder cannot be read or written. */
export class LocalFileError extends MqboardError {
  constructor(message: string, cause?: unknown) {
    super('LOCAL_FILE', 'local file', message, cause === undefined ? undefined : { cause });
  }
}

/** Makes an error for people of one of the file system; leaves all others as they are. */
export function localError(error: unknown, what: string): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof MqboardError || !/^E[A-Z0-9]+$/.test(code ?? '')) return error;
  return new LocalFileError(`${what}: ${message}`, error);
}
