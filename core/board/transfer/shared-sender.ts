import type { Frame } from '../../protocol/frame';
import { decodeGoOn } from '../../protocol/go-on';
import { Sender, type SendingListener } from './sender';
import type { SharedGroup } from './shared-group';
import type { Transfer, TransferLink } from './transfer';

/**
 * While a board waits for a piece that it missed, all that comes for the others makes it ask again. So soon after a
 * piece was sent it is not sent once more.
 */
const UNDER_WAY_MS = 700;

/** The host's half of a transfer of one board that takes part in a shared stream. */
export class SharedSender implements Transfer {
  /** As far as the board has everything, and as far as it asked for more. */
  arrived = 0;
  end = 0;
  chunk = 1;
  hasAsked = false;
  /** Since when the others could go on but for this one. */
  behindSince: number | undefined;
  /** Serves it by itself, on its own topic. */
  private own: Sender | undefined;
  private sentAt = Number.NEGATIVE_INFINITY;
  private link: TransferLink | undefined;
  private listener: SendingListener | undefined;

  constructor(private readonly group: SharedGroup) {}

  /** False: what all get is no more for this one. */
  get follows(): boolean {
    return this.own === undefined;
  }

  /** Gets what belongs to the board's command. */
  connect(link: TransferLink, listener: SendingListener): Transfer {
    this.link = link;
    this.listener = listener;
    return this;
  }

  receive(frame: Frame): boolean {
    const { kind, n, marked, data } = frame;
    const goOn = kind === 'g' ? decodeGoOn(data) : undefined;
    if (!goOn || n < this.arrived || n > this.group.content.size) return false;
    const progress = n > this.arrived;
    const comesLate = !this.hasAsked && n < this.group.at;
    this.hasAsked = true;
    this.arrived = n;
    this.end = Math.max(this.end, goOn.end);
    this.chunk = goOn.chunk;
    if (progress) {
      this.behindSince = undefined;
      this.listener?.received(n);
    }
    if (comesLate) this.own ??= this.ownSender(n);
    const isUnderWay = performance.now() - this.sentAt < UNDER_WAY_MS;
    if (this.own) this.own.receive({ ...frame, marked: marked && !isUnderWay });
    else if (marked && n < this.group.at && !isUnderWay) this.sendMissed(n);
    this.group.asked();
    return progress;
  }

  /** The others wait for it no more. */
  goAlone(): void {
    this.behindSince = undefined;
    this.own ??= this.ownSender(this.group.at);
  }

  repeat(): void {}

  linkIsBack(): void {
    this.sentAt = Number.NEGATIVE_INFINITY;
  }

  private sendMissed(from: number): void {
    for (const { at, data, deflated } of this.group.frames(from, this.group.at, this.chunk)) {
      this.send(at, data, deflated);
    }
  }

  private send(at: number, data: Buffer, deflated: boolean): void {
    this.sentAt = performance.now();
    this.link?.send('d', at, data, deflated);
    this.listener?.sent(data.length, deflated);
  }

  private ownSender(at: number): Sender {
    const { content, windowBits } = this.group;
    const link: TransferLink = {
      send: (_kind, n, data, marked) => this.send(n, data, marked),
      fail: (error) => this.link?.fail(error),
    };
    // Counted already, by the one through whom all of it goes.
    const listener: SendingListener = { sent: () => {}, received: () => {} };
    return new Sender(content, windowBits, link, listener, at);
  }
}
