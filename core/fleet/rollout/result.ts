import { isOver, type RolloutState } from './state';
import { OUTCOMES, type RolloutCounts, type RolloutResult } from './types';

/** What a roll-out has come to; of one that is not over, as if it was suspended now. */
export function resultOf(state: RolloutState, sharedBytes: number): RolloutResult {
  const { id, what, contentVersion, boards, status, why, begun } = state;
  const results = boards.flatMap(({ result }) => (result ? [result] : []));
  const open = boards.filter(({ result }) => !result).map(({ board }) => board);
  const counts = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, 0])) as RolloutCounts;
  for (const { outcome } of results) counts[outcome]++;
  return {
    id,
    state: isOver(state) ? (status as RolloutResult['state']) : 'suspended',
    ...(why !== undefined && { why }),
    ...{ what, version: contentVersion },
    counts: { ...counts, open: open.length, total: boards.length },
    ...{ results, open },
    wireBytes: boards.reduce((sum, { wireBytes }) => sum + wireBytes, sharedBytes),
    elapsedMs: Math.max(0, Date.now() - begun),
  };
}
