import { BoardError, BoardFileError, MqboardError } from '../../core/index';

/** What a catch node finds in `msg.error.cause`. */
export interface FlowErrorCause {
  /** What went wrong, for programs: `BOARD_EXCEPTION`, `BOARD_TIMEOUT`, ... */
  code: string;
  /** Name of the board as the flow gave it. */
  board?: string;
  /** Path on the board, where the message was about one. */
  path?: string;
  /** Python's traceback, where the code on the board raised an exception. */
  traceback?: string;
  /** What the code printed before it failed. */
  output?: string;
}

/**
 * Node-RED builds the `msg.error` of its catch nodes from five things of the error that a node reports:
 * its text, and its own properties `code`, `stack` and `cause`. So this is where a traceback has to be.
 */
export function flowError(
  error: unknown,
  about: { board?: string; path?: string | undefined } = {},
): Error {
  const { message } = error as Error;
  const code = error instanceof MqboardError ? error.code : 'INTERNAL';
  const cause: FlowErrorCause = { code };
  if (about.board !== undefined) cause.board = about.board;
  const path = error instanceof BoardFileError ? error.path : about.path;
  if (path !== undefined) cause.path = path;
  if (error instanceof BoardError) {
    cause.traceback = error.traceback;
    cause.output = error.output;
  }
  const report = new Error(message, { cause });
  // Else the text would begin with the name of the JavaScript class.
  report.name = '';
  if (error instanceof BoardError) report.stack = error.traceback;
  else if (!(error instanceof MqboardError)) report.stack = (error as Error).stack ?? message;
  return Object.assign(report, { code });
}

/** What went wrong, with a code and words for the status, whatever it is. */
export function asMqboardError(error: unknown): MqboardError {
  if (error instanceof MqboardError) return error;
  return new MqboardError('INTERNAL', 'error', String((error as Error)?.message ?? error));
}
