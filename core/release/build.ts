import type { Release } from '../protocol/release';
import type { ReleaseOptions } from './types';

export async function buildRelease(_options: ReleaseOptions): Promise<Release> {
  throw new Error('not yet');
}
