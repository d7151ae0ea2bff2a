import { buildRelease, type Release, Rollout, type RolloutPlan } from '../../core/index';
import type { Crowd, PocketMemory } from '../support/crowd';

/** A release of one small file; another version has another content. */
export function appRelease(version = '2.0.0'): Promise<Release> {
  const files = [{ path: 'app.py', data: `version = '${version}'\n` }];
  return buildRelease({ slot: 'app', name: 'oven', version, files });
}

type Wishes = Partial<RolloutPlan> & { memory?: PocketMemory };

/** A roll-out over a crowd, not begun yet: all boards in one wave unless the wishes are others. */
export async function rolloutOver(
  crowd: Crowd,
  { memory, ...wishes }: Wishes = {},
): Promise<Rollout> {
  const content = wishes.content ?? { release: await appRelease() };
  const targets = wishes.targets ?? [...crowd.members.keys()];
  const plan = { id: 'night', retryWaitMs: 1, stopAt: {}, ...wishes, content, targets };
  return new Rollout(plan, crowd.site(memory));
}

/** The waves that a roll-out begins, as lists of boards; filled as it goes. */
export function wavesOf(rollout: Rollout): string[][] {
  const waves: string[][] = [];
  rollout.on('wave', ({ boards }) => void waves.push(boards));
  return waves;
}
