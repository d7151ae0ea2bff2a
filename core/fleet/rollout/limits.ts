import type { RolloutLimits } from './plan';
import type { BoardState } from './state';

function failed({ result }: BoardState): boolean {
  return result?.outcome === 'failed' || result?.outcome === 'rolled-back';
}

/** Why the roll-out must stop, in words; undefined while it may go on. */
export function stopReason(boards: BoardState[], limits: RolloutLimits): string | undefined {
  const bad = boards.filter(failed);
  const canary = bad.find((state) => state.canary);
  if (canary) {
    const { outcome, reason } = canary.result ?? {};
    const did = outcome === 'rolled-back' ? 'went back to what it had' : 'failed';
    return `The canary ${canary.board} ${did}: ${reason}`;
  }
  const tried = bad.length + boards.filter(({ result }) => result?.outcome === 'updated').length;
  const { failed: most, percent, atLeast = 1 } = limits;
  const many = `${bad.length} of ${tried} boards that were tried failed`;
  if (most !== undefined && bad.length > most) return `${many}: more than ${most}.`;
  if (percent === undefined || tried < atLeast || bad.length * 100 <= percent * tried) {
    return undefined;
  }
  return `${many}: more than ${percent} %.`;
}
