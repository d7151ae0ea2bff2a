import { setMaxListeners } from 'node:events';
import { type Board, Boards, Connection, checkPrefix, type TransferProgress } from '../core/index';
import type { Reach } from './board-options';
import { connected } from './connected';
import { exitCodeOf, exitCodes } from './exit-codes';
import { failureAsJson, failureAsText } from './failure';
import { MarkedLines, type Output } from './output';
import { ProgressBar } from './progress-bar';

/** What a command finds when it is its turn with one board. */
export interface Turn {
  signal: AbortSignal;
  /** To be passed on as it is: undefined options are left out. */
  options: { signal: AbortSignal; timeoutMs?: number };
  json: boolean;
  /** Text as it is, without a line end of its own. */
  write: (data: string | Uint8Array) => void;
  /** One result: a line of text, or one of JSON. */
  result: (text: string, json: object) => void;
  onProgress: (progress: TransferProgress & { path?: string }) => void;
  /** What is waited for that is no transfer, in words. */
  onStep: (text: string) => void;
  /** What the JSON of a failure says besides. */
  details: object;
}

export type Job = (board: Board, turn: Turn) => Promise<void>;

/**
 * Does a job on each board, side by side, and hangs up. An error of one board does not stop the others.
 * Returns the exit code, the highest of them; every error has been written by then.
 */
export async function runOnBoards(
  reach: Reach,
  job: Job,
  signal: AbortSignal,
  output: Output,
  bar = new ProgressBar(process.stderr, reach.json),
): Promise<number> {
  const { prefixes, json } = reach;
  let connection: Connection | undefined;
  const write = (data: string | Uint8Array) => bar.around(() => output.out(data));
  const fail = (error: unknown, mark = '', details: object = {}) => {
    const text = failureAsText(error).replace(/^(?=.)/gm, mark);
    if (json) write(`${JSON.stringify({ ...failureAsJson(error), ...details })}\n`);
    else bar.around(() => output.err(text));
    return exitCodeOf(error);
  };

  const one = async (boards: Boards, prefix: string): Promise<number> => {
    const isOneOfMany = prefixes.length > 1;
    const name = isOneOfMany ? { board: prefix } : {};
    const mark = isOneOfMany && !json ? `${prefix} | ` : '';
    const lines = new MarkedLines(mark, write);
    const turn: Turn = {
      signal,
      options: { signal, ...(reach.timeoutMs !== undefined && { timeoutMs: reach.timeoutMs }) },
      json,
      write: mark ? (data) => lines.take(data) : write,
      result: (text, value) =>
        json
          ? write(`${JSON.stringify({ ok: true, ...name, ...value }, rounded)}\n`)
          : turn.write(text),
      onProgress: (progress) => bar.update(prefix, progress),
      onStep: (text) => bar.step(prefix, text),
      details: {},
    };
    try {
      await job(boards.get(prefix), turn);
      return exitCodes.ok;
    } catch (error) {
      lines.flush();
      return fail(error, mark, { ...name, ...turn.details });
    } finally {
      lines.flush();
      bar.finished(prefix);
    }
  };

  try {
    prefixes.forEach(checkPrefix);
    // Each board listens to it, for each command in flight.
    setMaxListeners(0, signal);
    connection = new Connection(reach.broker);
    await connected(connection, signal);
    const boards = new Boards(connection);
    const codes = await Promise.all(prefixes.map((prefix) => one(boards, prefix)));
    boards.close();
    return Math.max(...codes);
  } catch (error) {
    return fail(error);
  } finally {
    bar.clear();
    await connection?.close();
  }
}

/** Times are no more exact than this. */
function rounded(key: string, value: unknown): unknown {
  return key === 'elapsedMs' && typeof value === 'number' ? Math.round(value * 10) / 10 : value;
}
