import { BoardRefusedError } from '../protocol/errors';

/** The error of a command that has to do with no file, when it ends with `f`. */
export function refused(code: string, sentence: string): BoardRefusedError {
  return new BoardRefusedError(code, /[.!?]$/.test(sentence) ? sentence : `${sentence || code}.`);
}
