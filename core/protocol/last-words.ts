import type { CrashReport } from './crash-report';
import { LogAssembler } from './log-assembler';
import { parseLogLine } from './log-line';
import type { LogRecord } from './log-record';
import { present } from './said';

/** What a board had logged before a crash, oldest first. */
export function lastWords(board: string, { id, log, up, time, zone }: CrashReport): LogRecord[] {
  const records: LogRecord[] = [];
  const assembler = new LogAssembler(board, (record) => records.push(record));
  const at = time === undefined ? undefined : time * 1000;
  assembler.times.learn({ boot: Number.parseInt(id, 16), ...present({ up, time, zone }) }, at);
  for (const line of log) assembler.take(parseLogLine(line), at ?? Date.now());
  assembler.flush();
  // A report holds what was at hand: its gaps are no loss.
  return records.filter(({ missing }) => missing === undefined);
}
