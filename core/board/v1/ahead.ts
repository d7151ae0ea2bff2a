/** Messages that may be ahead of the board's last acknowledgement, or of the broker's. */
const MOST = 16;

/** How far a put of version 1 is ahead of the board, where that tells, or else of the broker. */
export class Ahead {
  /** Number of the message that the board acknowledged last; undefined while it never did. */
  private board: number | undefined;
  private atBroker = 0;
  private failure: unknown;
  private wake: () => void = () => {};

  /** The board has said `SEQ n`. */
  acknowledged(n: number): void {
    if (Number.isInteger(n)) this.board = Math.max(this.board ?? 0, n);
    this.wake();
  }

  /** A message is on its way to the broker. */
  sent(arrival: Promise<void>): void {
    this.atBroker++;
    arrival
      .catch((error) => {
        this.failure ??= error;
      })
      .finally(() => {
        this.atBroker--;
        this.wake();
      });
  }

  /** Waits until the message of this number may be sent. @throws what became of an earlier one. */
  async turn(sequence: number): Promise<void> {
    await this.until(() =>
      this.board === undefined ? this.atBroker < MOST : sequence - this.board <= MOST,
    );
  }

  /** Waits until the broker has all messages. */
  async arrived(): Promise<void> {
    await this.until(() => this.atBroker === 0);
  }

  /** Whether the board acknowledges; it gets so much time to show it. */
  async isShown(milliseconds: number): Promise<boolean> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.wake();
    }, milliseconds);
    try {
      await this.until(() => late || this.board !== undefined);
    } finally {
      clearTimeout(timer);
    }
    return this.board !== undefined;
  }

  private async until(condition: () => boolean): Promise<void> {
    while (this.failure === undefined && !condition()) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    if (this.failure !== undefined) throw this.failure;
  }
}
