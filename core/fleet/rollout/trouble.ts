import type { RolloutState, Trouble } from './state';
import type { BoardResult } from './types';

const DAY_MS = 24 * 3_600_000;
const LONGEST_MS = 30 * DAY_MS;

/** Notes how a board ended: whether it failed once more, or need not be remembered. */
export function noteResult({ trouble, key }: RolloutState, result: BoardResult, now: number): void {
  const { board, outcome, reason = '' } = result;
  if (outcome === 'updated' || outcome === 'already') delete trouble[board];
  if (outcome !== 'failed' && outcome !== 'rolled-back') return;
  const before = trouble[board];
  const times = before?.key === key ? before.times + 1 : 1;
  trouble[board] = { key, times, at: now, reason };
}

/** Until when a board is left alone, UNIX milliseconds, where it failed repeatedly; undefined: it is not. */
export function leftAloneUntil(
  trouble: Trouble | undefined,
  key: string,
  quarantineMs: number,
): number | undefined {
  if (trouble?.key !== key || trouble.times < 2) return undefined;
  return trouble.at + Math.min(quarantineMs * 2 ** (trouble.times - 2), LONGEST_MS);
}
