/** Wakes one who waits, for whatever reason; rung while nobody waits it rings for the next one. */
export class Bell {
  private rung = false;
  private wake: (() => void) | undefined;

  readonly ring = (): void => {
    this.rung = true;
    this.wake?.();
  };

  /** Until it rings, or until this moment: UNIX milliseconds. */
  async wait(until = Number.POSITIVE_INFINITY): Promise<void> {
    if (!this.rung) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
        // What setTimeout can wait; who wakes too early looks again.
        const left = Math.min(until - Date.now(), 2 ** 31 - 1);
        const timer = setTimeout(resolve, Math.max(left, 0));
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.wake = undefined;
    }
    this.rung = false;
  }
}
