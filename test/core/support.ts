import { once } from 'node:events';
import { Board, Connection, type ConnectionOptions } from '../../core/index';
import { Broker } from '../../demo/broker';
import { type Behaviour, ScriptedBoard } from '../support/scripted-board';

/** Reconnects at once, so that tests need not wait. */
const QUICK = { first: 20, longest: 100 };

export interface Scene {
  broker: Broker;
  remote: ScriptedBoard;
  connection: Connection;
  board: Board;
}

/** What a test opens, closed again in reverse order. */
export class Workbench {
  private readonly closers: Array<() => unknown> = [];

  /** Closes `thing` by `close` when the test is over. */
  keep<T>(thing: T, close: (thing: T) => unknown): T {
    this.closers.push(() => close(thing));
    return thing;
  }

  async clear(): Promise<void> {
    for (const close of this.closers.splice(0).reverse()) await close();
  }

  async broker(options: Parameters<typeof Broker.start>[0] = {}): Promise<Broker> {
    return this.keep(await Broker.start(options), (broker) => broker.stop());
  }

  /** A connection that is opened, and not waited for. */
  connection(url: string, options: Partial<ConnectionOptions> = {}): Connection {
    const connection = new Connection({ url, reconnectMs: QUICK, ...options });
    this.keep(connection, () => connection.close());
    connection.open();
    return connection;
  }

  async connected(url: string, options: Partial<ConnectionOptions> = {}): Promise<Connection> {
    const connection = this.connection(url, options);
    await once(connection, 'connected');
    return connection;
  }

  board(connection: Connection, prefix: string): Board {
    return this.keep(new Board(connection, prefix), (board) => board.close());
  }

  async scripted(url: string, prefix: string, behaviour: Behaviour = {}): Promise<ScriptedBoard> {
    const board = await ScriptedBoard.start(url, prefix, behaviour);
    return this.keep(board, () => board.stop());
  }

  /** A broker, a scripted board at it, and the host's end of both. */
  async scene(prefix: string, behaviour: Behaviour = {}): Promise<Scene> {
    const broker = await this.broker();
    const remote = await this.scripted(broker.url, prefix, behaviour);
    const connection = await this.connected(broker.url);
    return { broker, remote, connection, board: this.board(connection, prefix) };
  }
}

/** Rejections of `promise` become values, so that a test can look at them. */
export async function errorOf(promise: Promise<unknown>): Promise<Error & { code?: string }> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('It should have failed, and did not.');
}
