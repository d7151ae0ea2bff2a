import type { Way } from './call';
import type { ResetHow, ResetOptions } from './updates/types';

export async function reset(_way: Way, _how: ResetHow, _options: ResetOptions): Promise<void> {
  throw new Error('not yet');
}
