import { setImmediate as turn } from 'node:timers/promises';
import type { Transfer, TransferLink } from '../../core/board/transfer/transfer';
import { decodeFrame, encodeFrame, type Frame, type TransferKind } from '../../core/protocol/frame';

/** What becomes of a frame on its way: it may come later than the one that was sent after it. */
export type Fate = 'arrives' | 'is lost' | 'comes twice' | 'is overtaken';

/**
 * Two halves of a transfer and what is between them. Frames meet their fates in the order in which they
 * are sent; when there are no fates left, all arrive.
 */
export class LossyLink {
  private readonly ways: Record<'a' | 'b', Frame[]> = { a: [], b: [] };
  private readonly halves: Partial<Record<'a' | 'b', Transfer>> = {};
  error: Error | undefined;

  constructor(private readonly fates: Fate[]) {}

  /** What the half named `from` is to send by. */
  linkOf(from: 'a' | 'b'): TransferLink {
    const to = from === 'a' ? 'b' : 'a';
    return {
      send: (kind, n, data, marked) => this.send(this.ways[to], kind, n, data, marked),
      fail: (error) => {
        this.error = error;
      },
    };
  }

  attach(half: 'a' | 'b', transfer: Transfer): void {
    this.halves[half] = transfer;
  }

  /** Lets frames go to and fro until `isOver`; where it is silent, both halves ask again. */
  async run(isOver: () => boolean): Promise<void> {
    let silences = 0;
    while (!isOver() && !this.error) {
      const moved = this.deliver('a') || this.deliver('b');
      if (moved) continue;
      await turn();
      await turn();
      if (this.ways.a.length + this.ways.b.length > 0 || isOver()) continue;
      if (++silences > 1000) throw new Error('they ask again and again, and get nowhere');
      for (const half of Object.values(this.halves)) {
        half.linkIsBack();
        half.repeat();
      }
    }
  }

  private deliver(to: 'a' | 'b'): boolean {
    const frame = this.ways[to].shift();
    if (frame) this.halves[to]?.receive(frame);
    return frame !== undefined;
  }

  private send(way: Frame[], kind: TransferKind, n: number, data: Buffer, marked: boolean): void {
    const frame = decodeFrame(encodeFrame(kind, 1, n, data, false, marked)) as Frame;
    const fate = this.fates.shift() ?? 'arrives';
    if (fate === 'is overtaken') way.splice(Math.max(0, way.length - 1), 0, frame);
    else if (fate !== 'is lost') way.push(frame);
    if (fate === 'comes twice') way.push(frame);
  }
}
