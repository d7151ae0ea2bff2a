import type { Connection } from '../link/connection';
import { codeAndSentence } from '../protocol/code-and-sentence';
import { BoardRestartedError, OutputLostError } from '../protocol/errors';
import type { Frame } from '../protocol/frame';
import type { HostChannel } from './host-channel';
import type { Presence } from './presence';
import { Repeater, TRANSFER_PAUSES_MS } from './repeater';
import { type Ending, ReplyStream } from './reply-stream';
import type { Transfer, TransferLink } from './transfer/transfer';

/** How often a board may go on behind a wanted frame before it is believed that it lost it. */
const GOES_BACK = 3;
/** How long a restarted board gets to say that it did not run the command. */
const RESTART_GRACE_MS = 1_000;

/** The board did not take the command. */
export interface Refusal {
  kind: 'refused';
  code: string;
  sentence: string;
  /** True when no second copy can have reached the board before: it ran nothing. */
  onlyCopy: boolean;
}

export interface ExchangeOptions {
  connection: Connection;
  channel: HostChannel;
  presence: Presence;
  /** The whole command, which is sent in parts of `chunk` bytes. */
  command: Buffer;
  chunk: number;
  /** The boot that the command is meant for. */
  boot: number;
  /** The whole command went out; once for each copy. */
  onSent: () => void;
  /** The board has the command; called once. */
  onAccepted: () => void;
  /** The board gave a sign of life. */
  onHeard: () => void;
  onOutput: (text: string) => void;
  /** Makes the half of a transfer that runs on this side, where the command is one of a transfer. */
  transfer?: ((link: TransferLink) => Transfer) | undefined;
}

/**
 * One command in flight by version 2, host side of `docs/protocol.md`. It ends exactly once, and leaves
 * no listener and no timer behind.
 */
export class Exchange {
  private readonly stream: ReplyStream;
  private readonly repeater: Repeater;
  private readonly transfer: Transfer | undefined;
  private readonly id: number;
  private readonly cleanups: Array<() => void> = [];
  private settle: (outcome: Ending | Refusal | Error) => void = () => {};
  private accepted = false;
  private copies = 0;
  private highest = -1;
  private wentBack = 0;
  private wasOffline = false;
  private grace: NodeJS.Timeout | undefined;

  constructor(private readonly options: ExchangeOptions) {
    this.stream = new ReplyStream(options.onOutput);
    const { channel, transfer } = options;
    this.repeater = new Repeater(() => this.repeat(), transfer && TRANSFER_PAUSES_MS);
    this.transfer = transfer?.({
      send: (kind, n, data, marked) => channel.send(kind, this.id, n, data, { marked }),
      fail: (error) => this.fail(error),
    });
    const { id, release } = channel.route((frame) => this.receiveSafely(frame));
    this.id = id;
    this.cleanups.push(release);
  }

  /** Sends the command and follows it to its end, or until `signal` aborts: then it is cancelled. */
  run(signal: AbortSignal): Promise<Ending | Refusal> {
    return new Promise<Ending | Refusal>((resolve, reject) => {
      this.settle = (outcome) => {
        this.settle = () => {};
        if (outcome instanceof Error) reject(outcome);
        else resolve(outcome);
      };
      const cancel = () => {
        if (this.copies > 0) this.options.channel.send('x', this.id);
        this.settle(signal.reason);
      };
      if (signal.aborted) return cancel();
      this.listen(signal, cancel);
      this.repeater.now();
    }).finally(() => {
      this.repeater.stop();
      clearTimeout(this.grace);
      for (const cleanup of this.cleanups) cleanup();
    });
  }

  private listen(signal: AbortSignal, cancel: () => void): void {
    const { connection, presence } = this.options;
    const again = () => this.again();
    const look = () => this.watchPresence();
    signal.addEventListener('abort', cancel, { once: true });
    connection.on('connected', again);
    presence.on('change', look);
    this.cleanups.push(() => {
      signal.removeEventListener('abort', cancel);
      connection.off('connected', again);
      presence.off('change', look);
    });
  }

  /** Asks for what is missing: the whole command again while nothing says that it arrived. */
  private repeat(): void {
    const { connection, presence } = this.options;
    const away = connection.state !== 'connected' || presence.status === 'offline';
    if (this.grace || (away && this.copies > 0)) return;
    if (this.accepted) {
      this.transfer?.repeat();
      this.askAgain();
    } else {
      this.sendCommand();
    }
  }

  private sendCommand(): void {
    this.copies++;
    const { length } = this.options.command;
    for (let offset = 0; offset < length; offset += this.options.chunk) this.sendPart(offset);
    this.options.onSent();
  }

  private sendPart(offset: number): void {
    const { channel, command, chunk } = this.options;
    const end = Math.min(offset + chunk, command.length);
    channel.send('c', this.id, offset, command.subarray(offset, end), {
      last: end === command.length,
    });
  }

  /** A listener of the caller's that throws ends its own command, not the process. */
  private receiveSafely(frame: Frame): void {
    try {
      this.receive(frame);
    } catch (error) {
      this.fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** This side cannot go on: neither shall the board. */
  private fail(error: Error): void {
    this.options.channel.send('x', this.id);
    this.settle(error);
  }

  private receive(frame: Frame): void {
    switch (frame.kind) {
      case 'k':
        this.isAlive();
        this.accept();
        this.repeater.heard({ progress: false });
        break;
      case 'w':
        this.copies++;
        if (frame.n < this.options.command.length) this.sendPart(frame.n);
        this.repeater.heard({ progress: false });
        break;
      case 'r':
        this.refuse(frame.data.toString());
        break;
      case 'd':
      case 'g':
        if (!this.transfer) break;
        this.isAlive();
        this.accept();
        this.repeater.heard({ progress: this.transfer.receive(frame) });
        break;
      case 'o':
      case 'v':
      case 'e':
      case 'f':
      case 's':
        this.isAlive();
        this.accept();
        this.receiveReply(frame);
        break;
    }
  }

  private receiveReply(frame: Frame): void {
    const { stream } = this;
    if (frame.n === stream.next) {
      this.wentBack = 0;
      stream.take(frame);
      const { ending } = stream;
      if (ending) {
        if (ending.kind !== 'stopped') this.options.channel.acknowledgeLast(this.id, stream.next);
        this.settle(ending);
      }
      this.repeater.heard({ progress: true });
    } else if (frame.n > stream.next) {
      this.missed(frame.n);
    }
    this.highest = Math.max(this.highest, frame.n);
  }

  /** A frame is missing. A board that starts again behind it, time after time, has it no more. */
  private missed(got: number): void {
    const first = this.highest < this.stream.next;
    if (!first && got > this.highest) return;
    if (!first && ++this.wentBack >= GOES_BACK) {
      const words = `Output of the board was lost: it no longer has frame ${this.stream.next}.`;
      this.fail(new OutputLostError(words));
      return;
    }
    this.askAgain();
  }

  /** Wants the frames from the next one on, or a sign of life when there are none. */
  private askAgain(): void {
    this.options.channel.send('a', this.id, this.stream.next);
  }

  private accept(): void {
    if (this.accepted) return;
    this.accepted = true;
    this.options.onAccepted();
  }

  private refuse(text: string): void {
    if (this.accepted) return;
    const onlyCopy = this.copies === 1;
    this.settle({ kind: 'refused', ...codeAndSentence(text), onlyCopy });
  }

  private watchPresence(): void {
    const { presence, boot } = this.options;
    if (presence.status === 'offline') {
      this.wasOffline = true;
    } else if (presence.info?.boot !== undefined && presence.info.boot !== boot) {
      this.grace ??= setTimeout(() => this.settle(restarted()), RESTART_GRACE_MS);
    } else if (this.wasOffline) {
      this.wasOffline = false;
      this.again();
    }
  }

  /** The other side is there again: at once, everything that is missing. */
  private again(): void {
    this.transfer?.linkIsBack();
    this.repeater.now();
  }

  /** It answers to this exchange, so whatever looked like a restart was none. */
  private isAlive(): void {
    clearTimeout(this.grace);
    this.grace = undefined;
    this.options.onHeard();
  }
}

/** What to tell when it cannot be known whether the command ran. */
export function restarted(): BoardRestartedError {
  return new BoardRestartedError(
    'The board restarted in the middle of the command. It may have run, wholly or in part; it is not sent again.',
  );
}
