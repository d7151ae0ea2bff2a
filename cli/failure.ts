import { BoardError, LocalFileError, MqboardError } from '../core/index';
import { exitCodeOf } from './exit-codes';

export function failureAsText(error: unknown): string {
  if (error instanceof BoardError) return `${error.traceback.trimEnd()}\n`;
  return `mqboard: ${error instanceof MqboardError ? error.message : String(error)}\n`;
}

/** What a line of JSON says of an error. */
export function failureAsJson(error: unknown): object {
  const { message } = error as Error;
  const code = error instanceof MqboardError ? error.code : 'UNEXPECTED';
  const traceback = error instanceof BoardError ? { traceback: error.traceback } : {};
  return { ok: false, error: { code, message, ...traceback } };
}

/** Reports that a local file is in the way of a command, which ends with it; throws what is anything else. */
export function endByLocalFile(error: unknown, json: boolean): void {
  if (!(error instanceof LocalFileError)) throw error;
  if (json) process.stdout.write(`${JSON.stringify(failureAsJson(error))}\n`);
  else process.stderr.write(failureAsText(error));
  process.exitCode = exitCodeOf(error);
}
