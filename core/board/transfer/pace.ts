const SMALLEST_WINDOW = 4 * 1024;
const FIRST_WINDOW = 16 * 1024;
const LARGEST_WINDOW = 256 * 1024;
const LARGEST_CHUNK = 16 * 1024;
/** A window that is through sooner holds up nobody. */
const QUICK_MS = 250;
/** For a window that takes longer other commands have to wait too long. */
const SLOW_MS = 1_000;
/** A little less than the second after which an exchange asks, whose timer may be early. */
const LEAST_PATIENCE_MS = 900;
const LONGEST_PATIENCE_MS = 10_000;

/** How much a receiver lets come without being asked again: by the time that it takes. */
export class Pace {
  window = FIRST_WINDOW;
  /** How long nothing may come before something is taken for lost. */
  patienceMs = LEAST_PATIENCE_MS;
  private askedAt = 0;
  /** Where the window that is timed ends. */
  private mark = 0;
  /** The way there and back, with nothing else under way. */
  private wayMs: number | undefined;

  get chunk(): number {
    return Math.min(LARGEST_CHUNK, this.window / 4);
  }

  /** The sender may now send up to `end`. */
  asked(end: number): void {
    if (this.mark !== 0) return;
    this.mark = end;
    this.askedAt = performance.now();
  }

  /** Everything before `received` is here. */
  came(received: number): void {
    if (this.mark === 0) return;
    const took = performance.now() - this.askedAt;
    this.wayMs ??= took;
    if (received < this.mark) return;
    const waited = took - this.wayMs;
    if (waited < QUICK_MS) this.window = Math.min(this.window * 2, LARGEST_WINDOW);
    else if (waited > SLOW_MS) this.window = Math.max(this.window / 2, SMALLEST_WINDOW);
    this.patienceMs = Math.min(Math.max(LEAST_PATIENCE_MS, 2 * took), LONGEST_PATIENCE_MS);
    this.mark = 0;
  }

  /** Something was lost: the time that its window takes says nothing. */
  lost(): void {
    this.mark = 0;
  }
}
