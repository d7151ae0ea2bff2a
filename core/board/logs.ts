import { BoardRefusedError } from '../protocol/errors';
import { LogAssembler } from '../protocol/log-assembler';
import { parseLogLine } from '../protocol/log-line';
import type { LogRecord } from '../protocol/log-record';
import { topics } from '../protocol/topics';
import { type Call, callBoard, type Way } from './call';
import { runV2 } from './command-v2';
import type { FileOptions } from './files/types';
import { refused } from './refused';

const TIMEOUT_MS = 10_000;

export interface LogOptions extends FileOptions {
  /** Lines below this level are left out; a number of Python's `logging`. Default: none are. */
  level?: number;
}

/** What a board still remembers of its log. */
export async function logLines(
  way: Way,
  { level = 0, timeoutMs = TIMEOUT_MS, signal }: LogOptions,
): Promise<LogRecord[]> {
  const text = await callBoard(way, { timeoutMs, signal }, (call) => linesOf(call, level));
  const records: LogRecord[] = [];
  const assembler = new LogAssembler(way.prefix, (record) => records.push(record));
  const { info } = way.presence;
  if (info) assembler.times.learn(info, undefined);
  const now = Date.now();
  for (const line of text.split('\n')) if (line !== '') assembler.take(parseLogLine(line), now);
  assembler.flush();
  // What was left out for its level is no gap.
  return records.filter(({ missing }) => missing === undefined);
}

async function linesOf(call: Call, level: number): Promise<string> {
  const { output } = await runV2(call, {
    do: 'log',
    keys: { level },
    repeatable: true,
    failed: refused,
    unknown: 'Is logging among its modules?',
  });
  return output;
}

/** What can be set while a board runs. */
export type Setting = 'log' | 'sysinfo' | 'wake';

/** Returns the setting that holds then. */
export async function set(
  way: Way,
  what: Setting,
  to: object | null | undefined,
  { timeoutMs = TIMEOUT_MS, signal }: FileOptions,
): Promise<unknown> {
  const { text } = await callBoard(way, { timeoutMs, signal }, (call) =>
    runV2(call, {
      do: 'set',
      keys: { what, ...(to !== undefined && { to }) },
      repeatable: true,
      failed: refused,
    }),
  );
  try {
    return JSON.parse(text);
  } catch {
    throw new BoardRefusedError('bad', `set ended with ${JSON.stringify(text)}, not JSON.`);
  }
}

/** What a broker can hold for a board; that a board stays in safe mode is nothing for one boot only. */
export type KeptSetting = Setting | 'mode';

/** An empty message is what clears a retained one. */
export function keep(
  { connection, prefix }: Way,
  what: KeptSetting,
  to: object | null,
): Promise<void> {
  const payload = to === null ? '' : JSON.stringify(to);
  return connection.publish(topics.set(prefix, what), payload, { qos: 1, retain: true });
}
