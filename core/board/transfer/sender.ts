import type { Frame } from '../../protocol/frame';
import { decodeGoOn } from '../../protocol/go-on';
import type { Content } from './content';
import { FrameSize } from './frame-size';
import type { Transfer, TransferLink } from './transfer';

/** Who keeps count of what a sender does. */
export interface SendingListener {
  /** So many bytes of data went out in a frame, repeats included. */
  sent(bytes: number, deflated: boolean): void;
  /** The receiver has everything before this offset. */
  received(bytes: number): void;
}

/**
 * Sends a file to a receiver that pulls: as far as it was asked to, and again from wherever it is sent
 * back to. What is lost is the receiver's to notice.
 */
export class Sender implements Transfer {
  private end = 0;
  private chunk = 0;
  /** The receiver has everything before. */
  private arrived = -1;
  private readonly frameSize = new FrameSize();

  constructor(
    private readonly content: Content,
    /** Largest window that the receiver inflates, in bits; 0 for a receiver that does not. */
    private readonly windowBits: number,
    private readonly link: TransferLink,
    private readonly listener: SendingListener,
    /** Where it begins, unless the receiver sends it back. */
    private at = 0,
  ) {}

  receive({ kind, n, marked, data }: Frame): boolean {
    const goOn = kind === 'g' ? decodeGoOn(data) : undefined;
    // One that was overtaken would send back to what has arrived since.
    if (!goOn || n < this.arrived || n > this.content.size) return false;
    const progress = n > this.arrived;
    this.arrived = n;
    this.at = marked ? n : Math.max(this.at, n);
    this.end = Math.max(this.end, goOn.end);
    this.chunk = goOn.chunk;
    if (progress) {
      this.frameSize.arrived(n);
      this.listener.received(n);
    }
    this.sendOn();
    return progress;
  }

  /** The receiver asks again by itself; that the command lives is asked by its exchange. */
  repeat(): void {}

  linkIsBack(): void {}

  private sendOn(): void {
    const { content, windowBits } = this;
    const chunk = Math.min(this.chunk, this.frameSize.bytes);
    const end = Math.min(this.end, content.size);
    while (this.at < end) {
      const { data, next, deflated } = content.frame(this.at, end, chunk, windowBits);
      this.link.send('d', this.at, data, deflated);
      this.listener.sent(data.length, deflated);
      this.at = next;
    }
  }
}
