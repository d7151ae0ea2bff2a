/** A link that held this long was good: the next pause starts small again. */
const STEADY_MS = 60_000;
/** After a refusal nothing changes until somebody acts; asking slowly spares both sides. */
const AFTER_REFUSAL_MS = 5_000;

/**
 * How long to wait before the next attempt: doubling, with jitter, so that hundreds of clients do not
 * come back in step. Also counts links that ended right after they were made, which is how two clients
 * with one client id look from inside.
 */
export class Backoff {
  /** Links in a row that the broker closed soon after it had accepted them. */
  shortLived = 0;
  private tries = 0;

  constructor(
    private readonly firstMs: number,
    private readonly longestMs: number,
    private readonly random: () => number = Math.random,
  ) {}

  linkEnded(lastedMs: number): void {
    if (lastedMs < STEADY_MS) {
      this.shortLived++;
    } else {
      this.tries = 0;
      this.shortLived = 0;
    }
  }

  /** The broker could not be reached at all: then it is the broker that comes and goes. */
  attemptFailed(): void {
    this.shortLived = 0;
  }

  /** Milliseconds to wait now; each call makes the next one longer. */
  nextMs(refused = false): number {
    const doubled = Math.min(this.firstMs * 2 ** this.tries, this.longestMs);
    this.tries = Math.min(this.tries + 1, 32);
    const floor = refused ? Math.min(AFTER_REFUSAL_MS, this.longestMs) : 0;
    return Math.max(doubled, floor) * (0.75 + this.random() * 0.5);
  }
}
