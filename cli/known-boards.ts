import { setTimeout as sleep } from 'node:timers/promises';
import type { Fleet, KnownBoard } from '../core/index';
import { topicMatches } from '../core/protocol/topics';

/** What a broker retained comes in one go, behind its answer to the subscription. */
const QUIET_MS = 300;
const LONGEST_MS = 3000;

export function isFilter(name: string): boolean {
  return /[+#]/.test(name);
}

/**
 * The boards that are known and meant, by name, as soon as the broker has told what it retained: when no
 * news has come for a moment.
 */
export async function boardsOf(
  fleet: Fleet,
  filters: string[],
  signal: AbortSignal,
): Promise<KnownBoard[]> {
  const begun = performance.now();
  let newest = begun;
  const note = () => {
    newest = performance.now();
  };
  fleet.on('change', note);
  try {
    for (let now = begun; now < Math.min(newest + QUIET_MS, begun + LONGEST_MS); ) {
      await sleep(newest + QUIET_MS - now, undefined, { signal });
      now = performance.now();
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    fleet.off('change', note);
  }
  return fleet
    .boards()
    .filter(({ board }) => filters.some((filter) => topicMatches(filter, board)))
    .sort((a, b) => (a.board < b.board ? -1 : 1));
}
