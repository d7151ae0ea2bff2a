import type { Release } from '../protocol/release';

/** This package's own firmware. */
export async function frameworkRelease(): Promise<Release> {
  throw new Error('not yet');
}
