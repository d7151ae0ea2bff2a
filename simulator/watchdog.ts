/** The chip's watchdog: it counts outside of the interpreter, so it bites a stuck one too. */
export class Watchdog {
  #timer: NodeJS.Timeout | undefined;
  #timeoutMs = 0;
  #feeds = 0;

  constructor(private readonly bite: () => void) {}

  /** Starts it, or starts it again with another time. */
  arm(timeoutMs: number): void {
    this.#timeoutMs = timeoutMs;
    this.feed();
  }

  feed(): void {
    if (!this.#timeoutMs) return;
    this.#feeds += 1;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#expired(this.#feeds), this.#timeoutMs);
  }

  /** A reset of the chip stops it. A soft reset does not. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timeoutMs = 0;
  }

  /** Where this process itself was stuck, the board's feed may be waiting to be read: let it in first. */
  #expired(feeds: number): void {
    setImmediate(() => {
      if (feeds === this.#feeds && this.#timeoutMs) this.bite();
    });
  }
}
