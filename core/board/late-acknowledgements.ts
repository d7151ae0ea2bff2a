/** How long nothing must have been sent, before a last frame is acknowledged. */
const QUIET_MS = 200;
/** The board forgets complete replies by itself when it has newer ones. */
const KEPT_BY_BOARD = 4;

/**
 * Acknowledges last frames only when nothing else is said. The board does not answer them, so its TCP
 * acknowledges them late, and until then a broker with Nagle's algorithm holds back the next command.
 */
export class LateAcknowledgements {
  private readonly waiting = new Map<number, number>();
  private timer: NodeJS.Timeout | undefined;

  /** `send` gets the exchange and the number behind its last frame. */
  constructor(private readonly send: (id: number, n: number) => void) {}

  add(id: number, n: number): void {
    this.waiting.set(id, n);
    const [oldest = id] = this.waiting.keys();
    if (this.waiting.size > KEPT_BY_BOARD) this.waiting.delete(oldest);
    this.postpone();
  }

  /** Something else was sent. */
  postpone(): void {
    clearTimeout(this.timer);
    if (this.waiting.size > 0) this.timer = setTimeout(() => this.flush(), QUIET_MS);
  }

  /** Acknowledges now, because there will be no later. */
  flush(): void {
    clearTimeout(this.timer);
    const all = [...this.waiting];
    this.waiting.clear();
    for (const [id, n] of all) this.send(id, n);
  }
}
