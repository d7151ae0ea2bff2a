/** What is under way holds up other commands for so long at most. */
const UNDER_WAY_MS = 500;
const SMALLEST_WINDOW = 16 * 1024;
const FIRST_WINDOW = 64 * 1024;
const LARGEST_WINDOW = 256 * 1024;
const LARGEST_CHUNK = 16 * 1024;

/** How much a receiver lets come without being asked again: by the time that it takes. */
export class Pace {
  window = FIRST_WINDOW;
  private bytes = 0;
  private since = 0;
  private latest = 0;

  get chunk(): number {
    return Math.min(LARGEST_CHUNK, this.window / 4);
  }

  /** So many bytes came just now. */
  came(bytes: number): void {
    this.latest = performance.now();
    // The wait for the first ones is the way there and back, and says nothing about the rate.
    if (this.since === 0) this.since = this.latest;
    else this.bytes += bytes;
  }

  /** More is asked for now. */
  next(): void {
    const elapsed = this.latest - this.since;
    if (elapsed > 0) {
      const window = (this.bytes / elapsed) * UNDER_WAY_MS;
      this.window = Math.floor(Math.min(Math.max(window, SMALLEST_WINDOW), LARGEST_WINDOW));
    }
    this.bytes = 0;
    this.since = 0;
  }
}
