import { type CrashReport, lastWords, type StoredCrash } from '../core/index';
import { harmless } from './colours';
import { headline, kindInWords, recordLines } from './log-lines';
import { facts, table } from './table';
import { age, bytes, dayAndTime } from './words';

/** A crash that somebody keeps, the board or the broker. */
export interface KeptCrash extends StoredCrash {
  board: string;
  /** As it is named by --fetch, besides by its id: 1 is the newest of the board. */
  n: number;
}

const HEADING = ['BOARD', 'N', 'ID', 'WHEN', 'WHERE', 'WHAT', ''];

export function crashTable(crashes: KeptCrash[]): string {
  const row = (crash: KeptCrash) => [
    crash.board,
    `${crash.n}`,
    crash.id,
    whenOf(crash) ?? '-',
    crash.where ?? '-',
    crash.text || kindInWords(crash.kind),
    [crash.restarted && 'restarted', crash.again && `and ${crash.again} more`, crash.seen && 'seen']
      .filter(Boolean)
      .join(', '),
  ];
  return table([HEADING, ...crashes.map(row)]);
}

/** The whole of a report. */
export function reportText(board: string, report: CrashReport): string {
  const { id, up, again, free, boots, fw, mpy, doing, trace } = report;
  const known = facts([
    ['board', board],
    ['crash', id],
    ['what', headline(report)],
    ['when', whenOf(report)],
    ['up for', up === undefined ? undefined : age(up)],
    ['again', again > 0 ? `${again} times since` : undefined],
    ['free heap', free === undefined ? undefined : bytes(free)],
    ['boots', boots?.toString()],
    ['firmware', fw],
    ['MicroPython', mpy],
    ['doing', doing],
  ]);
  const traceback = trace ? `\n${trace.trimEnd()}\n` : '';
  const lines = lastWords(board, report).flatMap(recordLines);
  const before = lines.length
    ? `\nThe last lines before:\n${lines.map(({ text }) => text).join('\n')}\n`
    : '';
  return known + harmless(traceback + before);
}

function whenOf({ time, up }: { time?: number; up?: number }): string | undefined {
  if (time !== undefined) return dayAndTime(new Date(time * 1000));
  return up === undefined ? undefined : `${age(up)} after the start`;
}
