import type { Release } from '../../protocol/release';
import type { Way } from '../call';
import type { UpdateOptions, UpdateResult } from './types';

export async function deploy(
  _way: Way,
  _release: Release,
  _options: UpdateOptions,
): Promise<UpdateResult> {
  throw new Error('not yet');
}
