import type { Way } from '../call';
import type { FlashOptions, UpdateResult } from './types';

export async function flash(
  _way: Way,
  _image: Buffer,
  _options: FlashOptions,
): Promise<UpdateResult> {
  throw new Error('not yet');
}
