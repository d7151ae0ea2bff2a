import { type KnownBoard, sleeping } from '../core/index';
import { table } from './table';
import { age, dayAndTime } from './words';

const HEADING = [
  'BOARD',
  'STATE',
  'SINCE',
  'FIRMWARE',
  'CHIP',
  'MODE',
  'BOOTS',
  'RESET',
  'LAST CRASH',
];

/** A line for each board; what is not known is a minus. */
export function boardTable(boards: KnownBoard[], now: number): string {
  return table([HEADING, ...boards.map((board) => row(board, now).map((cell) => cell ?? '-'))]);
}

function row(known: KnownBoard, now: number): Array<string | undefined> {
  const { board, info } = known;
  const since = sinceWhen(known);
  return [
    board,
    stateOf(known, now),
    since === undefined ? undefined : age((now - since) / 1000),
    info?.fw,
    info?.machine,
    info?.mode,
    info?.boots?.toString(),
    info?.reset ?? info?.cause,
    lastCrash(known),
  ];
}

export function stateOf({ online, info, since }: KnownBoard, now: number): string {
  if (online === undefined) return 'unknown';
  return online ? 'online' : sleeping(info, since, now) ? 'asleep' : 'offline';
}

/** UNIX milliseconds; of a board that is online also by its own clock, which it tells as it connects. */
export function sinceWhen({ since, online, info }: KnownBoard): number | undefined {
  if (since !== undefined) return since;
  return online && info?.time !== undefined ? info.time * 1000 : undefined;
}

/** As far as it is known without asking the board. */
export function lastCrash({ crash, info }: KnownBoard): string | undefined {
  if (crash) return `${crash.headline} (${dayAndTime(new Date(crash.at))})`;
  return info?.reset === 'crash' ? info.reason : undefined;
}
