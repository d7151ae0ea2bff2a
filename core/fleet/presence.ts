import { type BoardInfo, shortBoot } from '../protocol/info';
import { bootMoment } from '../protocol/log-times';
import { present } from '../protocol/said';
import type { Sysinfo } from '../protocol/sysinfo';
import type { UpdateInfo } from '../protocol/update-info';
import type { Member } from './member';
import type { PresenceEvent } from './types';

/** A message about a board, and what was there before. */
interface Heard {
  now: number;
  /** The broker had kept it: it can be old. */
  retain: boolean;
}

/** Takes a status message. Returns what happened, where something did. */
export function takeStatus(member: Member, online: boolean, heard: Heard): PresenceEvent[] {
  const { known } = member;
  if (known.online === online) return [];
  const found = known.online === undefined && heard.retain;
  known.online = online;
  if (heard.retain) delete known.since;
  else known.since = heard.now;
  const happened = event(member, online ? 'online' : 'offline', new Date(heard.now));
  return [found ? { ...happened, already: true } : happened];
}

/** What somebody is told of a board who begins to listen; undefined where there is nothing to tell. */
export function presenceNow(member: Member, now: number): PresenceEvent | undefined {
  const { online, since = now } = member.known;
  if (online === undefined) return undefined;
  const happened = event(member, online ? 'online' : 'offline', new Date(since));
  return { ...structuredClone(happened), already: true };
}

/** Takes a birth message. `isHeard`: all log lines of this board are listened to. */
export function takeInfo(
  member: Member,
  info: BoardInfo,
  { now, retain }: Heard,
  isHeard: boolean,
): PresenceEvent[] {
  const { known, log } = member;
  const before = known.info;
  known.info = info;
  log.times.learn(info, retain ? undefined : now);
  const events: PresenceEvent[] = [];
  const another = info.boot !== undefined && info.boot !== before?.boot;
  const booted = another && (before !== undefined || !retain);
  if (booted) {
    const missing = lostWith(member, info, isHeard);
    if (info.boot !== undefined && before?.boot !== undefined) {
      log.count.begin(shortBoot(info.boot), shortBoot(before.boot));
    }
    const at = bootMoment(info, retain ? undefined : now) ?? now;
    const { reset, reason, cause, boots } = info;
    const why = present({ reset, reason, cause, boots, missing });
    events.push({ ...event(member, 'booted', new Date(at)), ...why });
  }
  if (info.mode === 'safe' && (booted || before?.mode !== 'safe')) {
    events.push({ ...event(member, 'safe-mode', new Date(now)), ...present({ reason: info.why }) });
  }
  if (before) events.push(...updateEvents(member, before.update, now));
  return events;
}

/** What became of an update, told once. */
function updateEvents(
  member: Member,
  before: UpdateInfo | undefined,
  now: number,
): PresenceEvent[] {
  const { update } = member.known.info ?? {};
  if (!update || update.state === 'trial') return [];
  if (before?.id === update.id && before.state === update.state) return [];
  const { what, version, why: reason, crash } = update;
  const name = update.state === 'confirmed' ? 'updated' : 'rolled-back';
  return [{ ...event(member, name, new Date(now)), what, version, ...present({ reason, crash }) }];
}

/** Of a board of version 1 a restart shows in that it is up for less than before. */
export function takeSysinfo(member: Member, sysinfo: Sysinfo, now: number): PresenceEvent[] {
  const { known, log } = member;
  const before = known.sysinfo?.up;
  const { up } = sysinfo;
  known.sysinfo = sysinfo;
  if (known.info !== undefined || up === undefined) return [];
  log.times.learnUp(up, now);
  if (before === undefined || up >= before) return [];
  return [event(member, 'booted', new Date(now - up * 1000))];
}

function event({ known }: Member, name: PresenceEvent['event'], at: Date): PresenceEvent {
  const { board, online, info } = known;
  // Its own: who is told may change it.
  return { board, event: name, at, online, ...(info && { info: { ...info } }) };
}

/** Log lines of the boot before that nobody will see; undefined where that is not known. */
function lostWith({ log }: Member, { last }: BoardInfo, isHeard: boolean): number | undefined {
  if (last?.said === undefined || last.boot === undefined) return undefined;
  const arrived = isHeard ? log.count.lastOf(shortBoot(last.boot)) : undefined;
  // What an old note has as not acknowledged was, most probably, a moment later.
  const there = arrived ?? (last.rough ? undefined : last.acked);
  return there === undefined ? undefined : Math.max(0, last.said - there);
}
