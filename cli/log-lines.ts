import type { CrashEvent, LogRecord, PresenceEvent } from '../core/index';
import type { Style } from './colours';
import { clock } from './words';

/** A line as it goes to the terminal, without the board's name. */
export interface ShownLine {
  style: Style;
  text: string;
}

/** Behind what this command says by itself, where a board's lines have the logger. */
const OURS = 'mqboard';
const NAME_WIDTH = 8;

/** The lines of a record, each in the format of the original: `I 12:00:03.481     main: text`. */
export function recordLines({ levelName, time, bootTime, name, message }: LogRecord): ShownLine[] {
  const when = time ? clock(time) : `${bootTime ?? '-'}`;
  // What somebody published there that is no log line stands for itself.
  const isLine = name !== '' || when !== '-';
  const letter = levelName.charAt(0).toUpperCase();
  const head = isLine ? `${letter} ${when} ${name.padStart(NAME_WIDTH)}: ` : '';
  return message.split('\n').map((line) => ({ style: levelName, text: head + line }));
}

/** Something that happened to a board, and is not in its log: `* 12:00:05.120  mqboard: offline`. */
export function eventLine(at: Date, text: string, style: Style = 'event'): ShownLine {
  return { style, text: `* ${clock(at)} ${OURS.padStart(NAME_WIDTH)}: ${text}` };
}

export function presenceLines(event: PresenceEvent): ShownLine[] {
  const { at, missing } = event;
  const lost = missing ? [`${countedLines(missing)} lost with the boot before`] : [];
  const style = event.event === 'rolled-back' ? 'warning' : 'event';
  return [
    eventLine(at, inWords(event), style),
    ...lost.map((text) => eventLine(at, text, 'warning')),
  ];
}

function inWords(event: PresenceEvent): string {
  const { reset, reason, cause, boots } = event;
  const because = reason === undefined ? '' : `: ${reason}`;
  switch (event.event) {
    case 'safe-mode':
      return `in safe mode${because}`;
    case 'updated':
      return `updated: ${event.what} ${event.version}`;
    case 'rolled-back':
      return `undid ${event.what} ${event.version}${because}${event.crash ? ` (crash ${event.crash})` : ''}`;
    case 'booted': {
      const why = reset ? resetInWords(reset, reason) : cause;
      return `booted${boots === undefined ? '' : ` (number ${boots})`}${why ? `: ${why}` : ''}`;
    }
    default:
      return event.event;
  }
}

const RESETS: Record<string, string> = {
  power: 'its power came back',
  intended: 'it was told to',
  crash: 'an exception that nobody caught',
  hang: 'it hung, and the watchdog was not fed',
  unexplained: 'reset without a note, or a panic of the chip',
  soft: 'soft reset',
  sleep: 'out of deep sleep',
  unknown: 'the chip does not say why',
};

/** Why a board restarted. */
export function resetInWords(reset: string, reason?: string): string {
  return `${RESETS[reset] ?? reset}${reason ? ` (${reason})` : ''}`;
}

/** The headline of a crash; with the traceback where the log that had it may be lost. */
export function crashLines(crash: CrashEvent): ShownLine[] {
  const { at, last, id, traceback, count, restarted } = crash;
  const often = count > 1 ? `, ${count} times by now` : '';
  const trace = restarted && traceback ? traceback.trimEnd().split('\n') : [];
  return [`crash ${id}: ${headline(crash)}${often}`, ...trace].map((text) =>
    eventLine(at ?? last, text, 'critical'),
  );
}

const KINDS: Record<CrashEvent['kind'], string> = {
  exception: 'exception',
  hang: 'it hung, and the watchdog was not fed',
  unexplained: 'restart that nothing explains',
  logged: 'exception',
};

/** What a crash is where there is no exception to tell of. */
export function kindInWords(kind: CrashEvent['kind']): string {
  return KINDS[kind];
}

/** What happened, in one line. */
export function headline({
  kind,
  where,
  exception,
  restarted,
}: Pick<CrashEvent, 'kind' | 'where' | 'exception' | 'restarted'>): string {
  const [line = ''] = exception?.message.split('\n') ?? [];
  const what = exception ? `${exception.type}${line ? `: ${line}` : ''}` : kindInWords(kind);
  const after = restarted && kind === 'exception' ? ', and the board restarted' : '';
  return `${what}${where ? ` (${where})` : ''}${after}`;
}

export function countedLines(count: number): string {
  return `${count} ${count === 1 ? 'line' : 'lines'}`;
}
