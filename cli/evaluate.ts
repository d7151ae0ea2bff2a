import {
  AbortedError,
  Board,
  BoardError,
  Connection,
  type ConnectionOptions,
  checkPrefix,
  type EvalResult,
  MqboardError,
} from '../core/index';
import { exitCodeOf, exitCodes } from './exit-codes';
import { jsonValue } from './json-value';

export interface EvaluateOptions {
  broker: ConnectionOptions;
  prefix: string;
  source: string;
  timeoutMs: number;
  json: boolean;
  signal: AbortSignal;
}

/** Where the command writes to. */
export interface Output {
  out: (text: string) => void;
  err: (text: string) => void;
}

/** Waits for the broker's first word: a terminal wants to know at once what is wrong. */
function connected(connection: Connection, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.once('connected', resolve);
    connection.once('disconnected', ({ error }) => reject(error));
    connection.once('refused', ({ error }) => reject(error));
    const abort = () => reject(new AbortedError());
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    connection.open();
  });
}

/** Evaluates once and hangs up. Returns the exit code; every error has been written by then. */
export async function evaluate(options: EvaluateOptions, { out, err }: Output): Promise<number> {
  const { broker, prefix, source, timeoutMs, json, signal } = options;
  let connection: Connection | undefined;
  let printed = '';
  try {
    checkPrefix(prefix);
    connection = new Connection(broker);
    await connected(connection, signal);
    const board = new Board(connection, prefix);
    const onOutput = (text: string) => {
      printed += text;
      if (!json) out(text);
    };
    const result = await board.eval(source, { timeoutMs, signal, onOutput });
    board.close();
    out(json ? resultAsJson(result) : valueAsText(result, printed));
    return exitCodes.ok;
  } catch (error) {
    if (json) out(errorAsJson(error, printed));
    else err(errorAsText(error));
    return exitCodeOf(error);
  } finally {
    await connection?.close();
  }
}

function valueAsText({ hasValue, text }: EvalResult, printed: string): string {
  // Like the prompt of Python, print() shows what it printed and not that its value is None.
  if (!hasValue || (text === 'None' && printed !== '')) return '';
  const gap = printed === '' || printed.endsWith('\n') ? '' : '\n';
  return `${gap}${text}${text.endsWith('\n') ? '' : '\n'}`;
}

function resultAsJson(result: EvalResult): string {
  const { text, value, output, hasValue, elapsedMs } = result;
  const rest = { output, elapsedMs: Math.round(elapsedMs * 10) / 10 };
  return `${JSON.stringify({ ok: true, hasValue, text, value: jsonValue(value), ...rest })}\n`;
}

function errorAsText(error: unknown): string {
  if (error instanceof BoardError) return `${error.traceback.trimEnd()}\n`;
  return `mqboard: ${error instanceof MqboardError ? error.message : String(error)}\n`;
}

function errorAsJson(error: unknown, output: string): string {
  const { message } = error as Error;
  const code = error instanceof MqboardError ? error.code : 'UNEXPECTED';
  const traceback = error instanceof BoardError ? { traceback: error.traceback } : {};
  return `${JSON.stringify({ ok: false, error: { code, message, ...traceback }, output })}\n`;
}
