import type { BoardInfo, KnownBoard, LastBoot, SlotInfo, WakeSchedule } from '../core/index';
import { lastCrash, sinceWhen, stateOf } from './board-table';
import { countedLines, resetInWords } from './log-lines';
import { updateInWords } from './release-table';
import { facts } from './table';
import { age, bytes, dayAndTime } from './words';

/** What a board says of itself, a line each. */
export function boardFacts(known: KnownBoard, now: number): string {
  const { board, info } = known;
  return facts([
    ['board', board],
    ['state', state(known, now)],
    ...(info ? saidByItself(info) : [['wire', 'version 1, or nothing known'] as Fact]),
    ['last crash', lastCrash(known)],
  ]);
}

function state(known: KnownBoard, now: number): string {
  const since = sinceWhen(known);
  if (since === undefined) return stateOf(known, now);
  return `${stateOf(known, now)} for ${age((now - since) / 1000)}`;
}

type Fact = [name: string, value: string | undefined];

function saidByItself(info: BoardInfo): Fact[] {
  const { machine, id, fw, mpy, mode, why, boots, reset, reason, cause, last, time, tls } = info;
  const { releases = {}, update, safe, image, tags, wake } = info;
  const started = info.up === undefined || time === undefined ? undefined : time - info.up;
  return [
    ['machine', machine],
    ['id', id],
    ['firmware', fw],
    ['MicroPython', mpy],
    ['mode', mode && (why === undefined ? mode : `${mode} (${why})`)],
    ...Object.entries(releases).map(([slot, is]): Fact => [slot, slotInWords(is)]),
    ['last update', update && updateInWords(update)],
    ['safe copy', safe],
    ['images', image && `up to ${bytes(image.size)}, ${image.slot} runs`],
    ['tags', tags?.join(' ')],
    ['sleeps', wake && sleepInWords(wake)],
    ['boots', boots?.toString()],
    ['started', started === undefined ? undefined : dayAndTime(new Date(started * 1000))],
    ['because', reset ? resetInWords(reset, reason) : undefined],
    ['reset cause', cause],
    ['boot before', last ? before(last) : undefined],
    ['clock', clockOf(info)],
    ['broker', tls && `TLS, ${tls === 'verified' ? 'the broker is verified' : 'not verified'}`],
    ['wire', `version ${info.wire}${info.log === 2 ? ', log lines are numbered' : ''}`],
    ['commands', info.do.join(' ') || undefined],
    ['takes', Number.isFinite(info.max) ? `commands up to ${bytes(info.max)}` : undefined],
  ];
}

function slotInWords({ name, version, modified }: SlotInfo): string {
  const words = [name, version].filter((word) => word !== undefined).join(' ');
  return `${words || 'no release'}${modified ? ', modified' : ''}`;
}

function sleepInWords({ every, awake }: WakeSchedule): string | undefined {
  return every > 0 ? `for ${age(every)}, then wakes for ${age(awake)}` : undefined;
}

function before({ up, said, acked, rough }: LastBoot): string | undefined {
  const missing = said === undefined || acked === undefined ? 0 : said - acked;
  const parts = [
    ...(up === undefined ? [] : [`ran for ${rough ? 'about ' : ''}${age(up)}`]),
    ...(said === undefined ? [] : [`said ${countedLines(said)}`]),
    ...(missing > 0 ? [`${missing} of them not acknowledged`] : []),
  ];
  return parts.length > 0 ? parts.join(', ') : undefined;
}

/** Undefined of a board that does not tell of its clock. */
function clockOf({ up, time, zone }: BoardInfo): string | undefined {
  if (time !== undefined) return `set, ${offset(zone ?? 0)}`;
  return up === undefined ? undefined : 'not set';
}

function offset(minutes: number): string {
  const two = (value: number) => `${Math.floor(value)}`.padStart(2, '0');
  const size = Math.abs(minutes);
  return minutes === 0
    ? 'times are UTC'
    : `times are UTC${minutes < 0 ? '-' : '+'}${two(size / 60)}:${two(size % 60)}`;
}
