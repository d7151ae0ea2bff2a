const SMALLEST = 1024;
const FIRST = 4 * 1024;
const LARGEST = 64 * 1024;
/** A frame is under way for so long at most: its receiver hears nothing meanwhile, and would ask again. */
const UNDER_WAY_MS = 100;

/** How many bytes a frame had better have: by the rate at which they arrive. */
export class FrameSize {
  bytes = FIRST;
  private offset = 0;
  private time: number | undefined;

  /** The receiver has everything before `offset`. */
  arrived(offset: number): void {
    const now = performance.now();
    if (this.time !== undefined) {
      const elapsed = Math.max(now - this.time, 0.001);
      const wanted = ((offset - this.offset) / elapsed) * UNDER_WAY_MS;
      // Some frames that come together must not make the link look fast.
      const size = Math.min(wanted, this.bytes * 2, LARGEST);
      this.bytes = Math.max(SMALLEST, Math.floor(size));
    }
    this.time = now;
    this.offset = offset;
  }
}
