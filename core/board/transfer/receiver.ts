import type { Frame } from '../../protocol/frame';
import { encodeGoOn } from '../../protocol/go-on';
import type { Intake } from './intake';
import { Pace } from './pace';
import type { Transfer, TransferLink } from './transfer';

/**
 * Pulls a file from a sender: asks for as much as it can take, takes what begins where it is, and asks
 * again for what is missing.
 */
export class Receiver implements Transfer {
  private readonly pace = new Pace();
  private size = -1;
  private end = 0;
  /** Where the gap was for which the sender was sent back. */
  private gap = -1;
  private done = false;
  /** When bytes came, or were asked for again. */
  private movedAt = 0;

  constructor(
    private readonly link: TransferLink,
    private readonly intake: Intake,
    private readonly onReceived: (bytes: number, total: number) => void,
  ) {}

  /** The sender is ready, with a file of `size` bytes, to send what follows on those that are here. */
  start(size: number): void {
    this.size = size;
    this.end = this.intake.received;
    this.intake.listen(
      () => this.goOn(),
      (error) => this.link.fail(error),
    );
    this.onReceived(this.intake.received, size);
    this.goOn();
  }

  receive({ kind, n, data }: Frame): boolean {
    const { intake } = this;
    if (kind !== 'd' || this.size < 0 || this.done) return false;
    this.movedAt = performance.now();
    if (n !== intake.received) {
      if (n > intake.received && this.gap !== intake.received) {
        this.gap = intake.received;
        this.ask({ back: true });
      }
      return false;
    }
    const wanted = data.subarray(0, this.size - n);
    if (wanted.length === 0) return false;
    this.pace.came(n + wanted.length);
    intake.add(wanted);
    this.onReceived(intake.received, this.size);
    return true;
  }

  repeat(): void {
    // All is here and the sink takes its time: to say so would end the command before that is over.
    const waitsForSink = !this.done && this.intake.received === this.size;
    if (this.size < 0 || waitsForSink) return;
    // What takes its time must not be sent twice: that would make it take even longer.
    const patient = performance.now() - this.movedAt < this.pace.patienceMs;
    if (this.done || !patient) this.ask({ back: !this.done });
  }

  linkIsBack(): void {
    this.movedAt = Number.NEGATIVE_INFINITY;
  }

  /** Asks for more in time for the sender not to have to wait; or says that this was all. */
  private goOn(): void {
    const { size, pace, intake } = this;
    if (intake.written === size) {
      if (!this.done) this.ask({ back: false });
      this.done = true;
      return;
    }
    const more = Math.min(intake.written + pace.window, size) - this.end;
    if (more >= pace.window / 2 || (more > 0 && this.end + more === size))
      this.ask({ back: false });
  }

  private ask({ back }: { back: boolean }): void {
    const { pace, intake, size } = this;
    this.end = Math.max(this.end, Math.min(intake.written + pace.window, size));
    if (back) pace.lost();
    else pace.asked(this.end);
    this.movedAt = performance.now();
    this.link.send('g', intake.received, encodeGoOn({ end: this.end, chunk: pace.chunk }), back);
  }
}
