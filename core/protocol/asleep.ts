import type { BoardInfo, WakeSchedule } from './info';

/** To boot and to connect, or to end what was under way: a board waits for that before it sleeps. */
const LATE_S = 700;
/** Clocks of sleeping chips are off by some per cent. */
const DRIFT = 1.1;

/**
 * The schedule of a board that is offline and, as far as one can know, sleeps: it has one, and has not missed a
 * waking yet. Times are UNIX milliseconds; without `since`, when it went offline, the board's own clock decides.
 */
export function sleeping(
  info: BoardInfo | undefined,
  since: number | undefined,
  now: number,
): WakeSchedule | undefined {
  const { wake, time } = info ?? {};
  if (!wake || wake.every === 0) return undefined;
  const said = time === undefined ? now : time * 1000;
  const longest = wake.every * DRIFT + wake.awake + LATE_S;
  return now - (since ?? said) < longest * 1000 ? wake : undefined;
}
