import type { BoardInfo } from '../../protocol/info';
import { LARGEST_WINDOW_BITS, SMALLEST_WINDOW_BITS } from './deflater';

/** Bits of the largest window that can be deflated for a board; 0: it cannot inflate. */
export function windowBits({ inflate = 0 }: Partial<BoardInfo> = {}): number {
  return inflate >= SMALLEST_WINDOW_BITS ? Math.min(inflate, LARGEST_WINDOW_BITS) : 0;
}
