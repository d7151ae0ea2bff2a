import type { Slot } from '../../protocol/update-info';
import type { Way } from '../call';
import type { FileOptions } from '../files/types';
import type { ReleaseState, RollbackOptions, UpdateResult } from './types';

export async function releases(
  _way: Way,
  _options: FileOptions & { verify?: boolean },
): Promise<ReleaseState> {
  throw new Error('not yet');
}
export async function confirm(_way: Way, _options: FileOptions): Promise<void> {
  throw new Error('not yet');
}
export async function rollback(
  _way: Way,
  _slot: Slot,
  _options: RollbackOptions,
): Promise<UpdateResult> {
  throw new Error('not yet');
}
