import { lookup } from 'node:dns/promises';
import { EventEmitter, once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { AirConnection } from './air-connection';

/**
 * The air between the board and its access point. It carries while the board has joined and the
 * access point is there; else nothing comes through in either direction, and nobody is told.
 */
export class Network extends EventEmitter<{ carries: [boolean] }> {
  #accessPoint = true;
  #joined = false;
  readonly #remotes = new Set<Socket>();
  readonly #connections = new Set<AirConnection>();

  constructor() {
    super();
    this.setMaxListeners(0); // one a connection
  }

  get accessPoint(): boolean {
    return this.#accessPoint;
  }

  get carries(): boolean {
    return this.#accessPoint && this.#joined;
  }

  /** The outage switch. */
  setAccessPoint(on: boolean): void {
    this.#change(() => {
      this.#accessPoint = on;
    });
  }

  setJoined(joined: boolean): void {
    this.#change(() => {
      this.#joined = joined;
    });
  }

  /** IPv4 address of a host; undefined where the name is unknown or the network is down. */
  async resolve(host: string): Promise<string | undefined> {
    if (!this.carries) return undefined;
    try {
      return (await lookup(host, { family: 4 })).address;
    } catch {
      return undefined;
    }
  }

  /** @throws {NodeJS.ErrnoException} for example ECONNREFUSED */
  async dial(address: string, port: number): Promise<AirConnection> {
    if (!this.carries) await new Promise<void>((resolve) => this.once('carries', () => resolve()));
    const remote = connect({ host: address, port, noDelay: true });
    this.#remotes.add(remote);
    remote.once('close', () => this.#remotes.delete(remote));
    await once(remote, 'connect');
    const connection = new AirConnection(this, remote);
    this.#connections.add(connection);
    connection.once('close', () => this.#connections.delete(connection));
    return connection;
  }

  /**
   * Open connections fall silent for ever, without a FIN: what a router's restart does to them, and
   * what the broker sees of a board that loses its power or resets.
   */
  loseConnections(): void {
    for (const connection of this.#connections) connection.lose();
    this.#connections.clear();
  }

  /** Frees what lost connections still hold on the other side. */
  close(): void {
    for (const remote of this.#remotes) remote.destroy();
  }

  #change(apply: () => void): void {
    const before = this.carries;
    apply();
    if (this.carries !== before) this.emit('carries', this.carries);
  }
}
