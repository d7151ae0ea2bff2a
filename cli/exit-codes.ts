import {
  AbortedError,
  BoardError,
  BoardFileError,
  BoardOfflineError,
  BoardTimeoutError,
  InvalidInputError,
  LinkError,
  LocalFileError,
  NotConnectedError,
} from '../core/index';
import { UpdateUndoneError } from './update-undone';

/** What the command's exit status means; `docs/cli.md` promises it to scripts. */
export const exitCodes = {
  ok: 0,
  exception: 1,
  usage: 2,
  noConnection: 3,
  noAnswer: 4,
  boardFailed: 5,
  file: 6,
  undone: 7,
  interrupted: 130,
} as const;

export const EXIT_CODES_HELP = [
  'Exit codes:',
  '  0  done',
  '  1  the code raised an exception on the board',
  '  2  wrong arguments',
  '  3  no connection to the broker',
  '  4  the board is offline, unknown, or did not answer in time',
  '  5  the board refused, restarted, or part of its answer was lost',
  '  6  a file, here or on the board: missing, in the way, no room for it',
  '  7  an update did not prove itself, and the board undid it',
  '  130  interrupted',
].join('\n');

/** Codes of the wire that are about an update as a whole, and not about a file. */
const REFUSALS = ['needs', 'trial', 'slots'];

export function exitCodeOf(error: unknown): number {
  if (error instanceof BoardError) return exitCodes.exception;
  if (error instanceof InvalidInputError) return exitCodes.usage;
  if (error instanceof LinkError || error instanceof NotConnectedError)
    return exitCodes.noConnection;
  if (error instanceof BoardOfflineError || error instanceof BoardTimeoutError) {
    return exitCodes.noAnswer;
  }
  if (error instanceof UpdateUndoneError) return exitCodes.undone;
  if (error instanceof BoardFileError && REFUSALS.includes(error.reason)) {
    return exitCodes.boardFailed;
  }
  if (error instanceof BoardFileError || error instanceof LocalFileError) return exitCodes.file;
  if (error instanceof AbortedError) return exitCodes.interrupted;
  return exitCodes.boardFailed;
}
