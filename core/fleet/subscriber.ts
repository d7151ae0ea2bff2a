import type { Connection, Subscription } from '../link/connection';
import type { MessageListener } from '../link/subscriptions';
import { NotConnectedError } from '../protocol/errors';

export interface Wanted {
  listener: MessageListener;
  qos: 0 | 1;
}

/** Keeps the subscriptions that are wanted at the moment, and no others, whatever becomes of the link. */
export class Subscriber {
  /** Why the broker does not grant a filter; asked again with the next link. */
  readonly refused = new Map<string, Error>();
  private readonly active = new Map<string, Subscription>();
  private wanted = new Map<string, Wanted>();
  private working: Promise<void> | undefined;
  private again = false;

  constructor(
    private readonly connection: Connection,
    private readonly onRefused: (error: Error) => void,
  ) {
    connection.on('connected', this.onConnected);
  }

  /** Resolves when they are in place, or refused, or when there is no link: then they follow with it. */
  async want(wanted: Map<string, Wanted>): Promise<void> {
    this.wanted = wanted;
    this.again = true;
    this.working ??= this.work();
    await this.working;
  }

  /** What the broker has not answered yet is not waited for: it may never be. */
  async close(): Promise<void> {
    this.connection.off('connected', this.onConnected);
    const isBusy = this.working !== undefined;
    const done = this.want(new Map());
    if (!isBusy) await done;
  }

  private readonly onConnected = () => {
    this.refused.clear();
    void this.want(this.wanted);
  };

  private async work(): Promise<void> {
    while (this.again) {
      this.again = false;
      for (const filter of this.refused.keys()) {
        if (!this.wanted.has(filter)) this.refused.delete(filter);
      }
      const missing = [...this.wanted].filter(
        ([filter]) => !this.active.has(filter) && !this.refused.has(filter),
      );
      await Promise.all(missing.map(([filter, wanted]) => this.subscribe(filter, wanted)));
      // Only now: what another filter covers must not be missed in between.
      for (const [filter, subscription] of this.active) {
        if (this.wanted.has(filter)) continue;
        subscription.close();
        this.active.delete(filter);
      }
    }
    this.working = undefined;
  }

  private async subscribe(filter: string, { listener, qos }: Wanted): Promise<void> {
    try {
      this.active.set(filter, await this.connection.subscribe(filter, listener, { qos }));
    } catch (error) {
      if (error instanceof NotConnectedError) return;
      this.refused.set(filter, error as Error);
      this.onRefused(error as Error);
    }
  }
}
