import { type BoardInfo, shortBoot } from './info';
import type { LogLine } from './log-line';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** Puts the times of one board's log lines on the calendar. */
export class LogTimes {
  private zoneMs = 0;
  private bootedAt: number | undefined;
  private boot: string | undefined;

  /** `now` is when the board said it; undefined where that is not known. */
  learn(info: Pick<BoardInfo, 'boot' | 'up' | 'time' | 'zone'>, now: number | undefined): void {
    this.zoneMs = (info.zone ?? 0) * MINUTE_MS;
    const boot = info.boot === undefined ? undefined : shortBoot(info.boot);
    if (boot !== this.boot) this.bootedAt = undefined;
    this.boot = boot;
    this.bootedAt = bootMoment(info, now) ?? this.bootedAt;
  }

  /** Of a board that tells nothing but how long it is up, in seconds. */
  learnUp(up: number, now: number): void {
    this.bootedAt = now - up * 1000;
  }

  /** Returns undefined where it cannot be known. */
  of(line: LogLine, now: number): Date | undefined {
    if (line.clock !== undefined) return new Date(this.nearest(line.clock, now));
    if (line.bootTime === undefined || this.bootedAt === undefined) return undefined;
    if (line.boot !== undefined && line.boot !== this.boot) return undefined;
    const time = new Date(this.bootedAt + line.bootTime);
    return Number.isNaN(time.getTime()) ? undefined : time;
  }

  /** The time of day, on the day that makes it nearest to `now`. */
  private nearest(clock: string, now: number): number {
    const local = now + this.zoneMs;
    const midnight = local - (((local % DAY_MS) + DAY_MS) % DAY_MS);
    let time = midnight + milliseconds(clock);
    if (time - local > DAY_MS / 2) time -= DAY_MS;
    else if (local - time > DAY_MS / 2) time += DAY_MS;
    return time - this.zoneMs;
  }
}

/** When the boot that a birth message tells of began; UNIX milliseconds. */
export function bootMoment(
  { up, time }: Pick<BoardInfo, 'up' | 'time'>,
  now: number | undefined,
): number | undefined {
  if (up === undefined) return undefined;
  const said = time === undefined ? now : time * 1000;
  return said === undefined ? undefined : said - up * 1000;
}

/** Milliseconds since midnight of `HH:MM:SS.mmm`. */
function milliseconds(clock: string): number {
  const two = (at: number) => (clock.charCodeAt(at) - 48) * 10 + clock.charCodeAt(at + 1) - 48;
  const seconds = two(0) * 3600 + two(3) * 60 + two(6);
  return seconds * 1000 + two(9) * 10 + clock.charCodeAt(11) - 48;
}
