import { EventEmitter } from 'node:events';
import type { Connection, Subscription } from '../link/connection';
import type { Message } from '../link/subscriptions';
import { type BoardInfo, parseInfo } from '../protocol/info';
import { topics } from '../protocol/topics';

/** How long a board may take to tell that it is more than version 1. */
const FIRST_CONTACT_MS = 500;

/** What the broker has retained about a board, kept up to date while the board is in use. */
export class Presence extends EventEmitter<{ change: [] }> {
  status: 'online' | 'offline' | undefined;
  info: BoardInfo | undefined;
  /** When the status came live; undefined while it is only what the broker had kept. */
  statusSince: number | undefined;
  /** It carried out a command. Of a board of version 1 there is no other sign. */
  answered = false;
  /** True once since the last (re)connection; a board that never said anything does not say it later. */
  private statusKnown = false;
  private infoKnown = false;
  private silent = false;
  private closed = false;
  private opening: Promise<void> | undefined;
  private subscriptions: Subscription[] = [];

  constructor(
    private readonly connection: Connection,
    private readonly prefix: string,
  ) {
    super();
    // One listener for each command in flight.
    this.setMaxListeners(0);
    connection.on('disconnected', this.forget).on('closed', this.forget);
  }

  /** Waits until it is known what the board is, or that it will not say. */
  async contact(signal: AbortSignal): Promise<void> {
    this.opening ??= this.open();
    await this.opening;
    if (this.isKnown || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const finish = () => {
        clearTimeout(timer);
        this.off('change', look);
        signal.removeEventListener('abort', finish);
        resolve();
      };
      const look = () => this.isKnown && finish();
      const timer = setTimeout(() => {
        this.silent = true;
        finish();
      }, FIRST_CONTACT_MS);
      this.on('change', look);
      signal.addEventListener('abort', finish, { once: true });
    });
  }

  close(): void {
    this.closed = true;
    this.connection.off('disconnected', this.forget).off('closed', this.forget);
    this.unsubscribe();
  }

  private unsubscribe(): void {
    for (const subscription of this.subscriptions) subscription.close();
    this.subscriptions = [];
  }

  /** Neither the broker nor the board itself has said that there is such a board. */
  get isUnheardOf(): boolean {
    return this.silent && !this.answered && this.status === undefined && this.info === undefined;
  }

  /** Whether a command can be sent, or refused, without asking the broker first. Why a board is offline is in its info. */
  get isKnown(): boolean {
    return (this.statusKnown && this.infoKnown) || this.silent;
  }

  private async open(): Promise<void> {
    try {
      const { status, info } = topics;
      const qos = 1;
      for (const [topic, listener] of [
        [status(this.prefix), this.onStatus],
        [info(this.prefix), this.onInfo],
      ] as const) {
        this.subscriptions.push(await this.connection.subscribe(topic, listener, { qos }));
      }
    } catch (error) {
      this.unsubscribe();
      this.opening = undefined;
      throw error;
    }
    if (this.closed) this.unsubscribe();
  }

  /** What was known may be outdated when the broker is back; it sends what it retains once more. */
  private readonly forget = () => {
    if (this.status === undefined && this.info === undefined) return;
    this.statusKnown = false;
    this.infoKnown = false;
    this.silent = false;
  };

  private readonly onStatus = ({ payload, retain }: Message) => {
    const said = payload.toString();
    const status = said === 'online' || said === 'offline' ? said : undefined;
    if (status !== this.status || !retain) this.statusSince = retain ? undefined : Date.now();
    this.status = status;
    this.statusKnown = status !== undefined;
    // A board that says so much will say more, although it did not in time before.
    if (status !== undefined) this.silent = false;
    this.emit('change');
  };

  private readonly onInfo = ({ payload }: Message) => {
    this.info = parseInfo(payload);
    this.infoKnown = this.info !== undefined;
    this.emit('change');
  };
}
