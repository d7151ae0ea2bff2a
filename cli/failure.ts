import { BoardError, MqboardError } from '../core/index';

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
