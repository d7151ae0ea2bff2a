import type { Socket } from 'node:net';

/** What one direction of a link is like. 0: that fault is not there. Read for each byte: may change. */
export interface Faults {
  delayMs: number;
  bytesPerSecond: number;
}

/** Who sends more than this into a slow link is held up. */
const BUFFER = 64 * 1024;
/** A throttled link passes pieces that take it so long. */
const TICK_MS = 20;

/** One direction of one connection through a fault proxy: carries bytes in order, late and slowly. */
export class Lane {
  private readonly queue: Array<{ due: number; data: Buffer }> = [];
  private queued = 0;
  private ended = false;
  private silent = false;
  /** When a throttled link has done with what it passed last. */
  private freeAt = 0;
  private timer: NodeJS.Timeout | undefined;

  /**
   * `carry` says how many of so many bytes may go; where it says fewer, they go and then `broken` is
   * called.
   */
  constructor(
    private readonly source: Socket,
    private readonly sink: Socket,
    private readonly faults: Faults,
    private readonly carry: (bytes: number) => number,
    private readonly broken: () => void,
  ) {
    source.on('data', (data) => this.take(data));
    source.on('end', () => {
      this.ended = true;
      this.pass();
    });
    source.on('silence', () => {
      this.silent = true;
      source.pause();
    });
    sink.on('drain', () => this.pass());
    sink.on('close', () => clearTimeout(this.timer));
    source.resume();
  }

  private take(data: Buffer): void {
    this.queue.push({ due: performance.now() + this.faults.delayMs, data });
    this.queued += data.length;
    if (this.queued > BUFFER) this.source.pause();
    this.pass();
  }

  /** Passes on what is due, and comes back for the rest. */
  private pass(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    while (!this.silent && !this.sink.destroyed && !this.sink.writableNeedDrain) {
      const [next] = this.queue;
      if (!next) {
        if (this.ended) this.sink.end();
        else if (this.source.isPaused()) this.source.resume();
        return;
      }
      const wait = Math.max(next.due, this.freeAt) - performance.now();
      if (wait > 0) {
        this.timer = setTimeout(() => this.pass(), wait);
        return;
      }
      this.send(next);
    }
  }

  private send(next: { due: number; data: Buffer }): void {
    const { bytesPerSecond } = this.faults;
    const piece = bytesPerSecond ? Math.ceil((bytesPerSecond * TICK_MS) / 1000) : next.data.length;
    const wanted = Math.min(piece, next.data.length);
    const allowed = this.carry(wanted);
    this.sink.write(next.data.subarray(0, allowed), () => allowed < wanted && this.broken());
    this.queued -= wanted;
    next.data = next.data.subarray(wanted);
    if (next.data.length === 0) this.queue.shift();
    if (bytesPerSecond) {
      const begin = Math.max(this.freeAt, performance.now() - TICK_MS);
      this.freeAt = begin + (wanted * 1000) / bytesPerSecond;
    }
    if (allowed < wanted) this.silent = true;
    else if (this.queued <= BUFFER && this.source.isPaused() && !this.ended) this.source.resume();
  }
}
