import type { Connection } from '../link/connection';
import { BoardClock } from './clock';
import { unlessAborted } from './deadline';
import type { HostChannel } from './host-channel';
import { Repeater } from './repeater';

interface Asking {
  answer: Promise<BoardClock>;
  waiting: number;
  stop: () => void;
}

/** Asks a board for its boot and its clock, once for all who want to know, and remembers the answer. */
export class Hello {
  private clock: BoardClock | undefined;
  private asking: Asking | undefined;

  constructor(
    private readonly connection: Connection,
    private readonly channel: HostChannel,
  ) {
    connection.on('disconnected', this.forget).on('closed', this.forget);
  }

  /** Asks again the next time: the board may have restarted. */
  readonly forget = () => {
    this.clock = undefined;
  };

  /** The boot of the last answer, while it holds. */
  get boot(): number | undefined {
    return this.clock?.boot;
  }

  async ask(signal: AbortSignal): Promise<BoardClock> {
    if (this.clock && !this.clock.expired) return this.clock;
    this.asking ??= this.start();
    const asking = this.asking;
    asking.waiting++;
    try {
      return await unlessAborted(asking.answer, signal);
    } finally {
      asking.waiting--;
      if (asking.waiting === 0) asking.stop();
    }
  }

  close(): void {
    this.connection.off('disconnected', this.forget).off('closed', this.forget);
    this.asking?.stop();
  }

  private start(): Asking {
    let stop = () => {};
    const answer = new Promise<BoardClock>((resolve) => {
      const { id, release } = this.channel.route(({ kind, data }) => {
        const clock = kind === 'H' ? BoardClock.parse(data) : undefined;
        if (!clock) return;
        this.clock = clock;
        stop();
        resolve(clock);
      });
      const repeater = new Repeater(() => this.channel.send('h', id));
      const again = () => repeater.now();
      this.connection.on('connected', again);
      stop = () => {
        repeater.stop();
        release();
        this.connection.off('connected', again);
        this.asking = undefined;
      };
      repeater.now();
    });
    return { answer, waiting: 0, stop };
  }
}
