import { EventEmitter } from 'node:events';
import { Boards, type Connection, Fleet, type FleetOptions } from '../../core/index';
import { type MessageListener, Subscriptions } from '../../core/link/subscriptions';
import { NotConnectedError } from '../../core/protocol/errors';

/**
 * Stands in for a connection where what counts is what comes in, and in which order: no broker, and
 * nothing takes any time. It delivers what it is told to.
 */
export class Switchboard extends EventEmitter {
  state = 'connected';
  private readonly subscriptions = new Subscriptions();

  async subscribe(filter: string, listener: MessageListener, { qos }: { qos: 0 | 1 }) {
    if (this.state !== 'connected') throw new NotConnectedError();
    const own: MessageListener = (message) => listener(message);
    this.subscriptions.add(filter, own, qos);
    return { close: () => this.subscriptions.remove(filter, own) };
  }

  /** The filters that are subscribed to, in order of the alphabet. */
  get filters(): string[] {
    return this.subscriptions
      .filters()
      .map(({ filter }) => filter)
      .sort();
  }

  deliver(topic: string, payload: string | object | Buffer, retain = false): void {
    const text =
      typeof payload === 'string' || Buffer.isBuffer(payload) ? payload : JSON.stringify(payload);
    this.subscriptions.deliver({ topic, payload: Buffer.from(text as string), retain });
  }

  get connection(): Connection {
    return this as unknown as Connection;
  }

  fleet(options: FleetOptions = {}): Fleet {
    return new Fleet(this.connection, new Boards(this.connection), options);
  }
}
