import type { Call } from '../call';
import type { CommandV2 } from '../command-v2';
import { ask } from '../files/ask';
import { shareContent } from '../transfer/content';
import { Sender, type SendingListener } from '../transfer/sender';
import type { Place } from '../transfer/shared-stream';
import { windowBits } from '../transfer/window-bits';

/** Sends what one update needs, over however many tries, and keeps count of it. */
export class Sending {
  /** Of what went to this board alone. */
  wireBytes = 0;
  /** All that is to be sent, and was, in this try and in those before. */
  private total = 0;
  /** Of it, what is there. */
  private done = 0;

  constructor(
    private readonly place: Place | undefined,
    private readonly onProgress: (done: number, total: number) => void,
  ) {}

  /** So much is missing, before the next `send`. */
  expect(bytes: number): void {
    this.total = Math.max(this.total, bytes);
    this.done = this.total - bytes;
  }

  /** Carries out a command by which the board pulls `bytes`. Progress renews the call's time. */
  async send(call: Call, bytes: Buffer, command: CommandV2): Promise<Record<string, unknown>> {
    const { content, release } = shareContent(bytes);
    const bits = windowBits(call.way.presence.info);
    const seat = this.place?.sit(content, bits);
    const doneBefore = this.done;
    let isThere = content.size === 0;
    const listener: SendingListener = {
      sent: (count) => {
        this.wireBytes += count;
      },
      received: (count) => {
        isThere = count === content.size;
        call.deadline.renew();
        this.done = doneBefore + count;
        this.onProgress(this.done, this.total);
      },
    };
    try {
      const value = await ask(call, {
        ...command,
        keys: { ...command.keys, ...(seat && { share: seat.key }) },
        // What is there is read back and hashed, which takes its time.
        onHeard: () => isThere && call.deadline.renew(),
        transfer: (link) =>
          seat ? seat.sender(link, listener) : new Sender(content, bits, link, listener),
      });
      listener.received(content.size);
      return value;
    } finally {
      seat?.leave();
      release();
    }
  }
}
