import type { Socket as UdpSocket } from 'node:dgram';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { Network } from './network';
import { startNtpServer } from './ntp-server';

/**
 * How a process with real sockets is put behind the virtual network: each host it looks up gets a
 * local port that leads there, and falls silent with the network. TLS goes through untouched.
 */
export class Tunnels {
  readonly #servers = new Map<string, Promise<Server>>();
  readonly #open = new Set<Tunnel>();
  #ntp: Promise<UdpSocket> | undefined;
  #onCarries = (carries: boolean) => {
    for (const tunnel of this.#open) tunnel.carry(carries);
  };
  #onLose = () => {
    for (const tunnel of this.#open) tunnel.lose();
  };

  constructor(private readonly network: Network) {
    network.on('carries', this.#onCarries);
    network.on('lose', this.#onLose);
  }

  /** The local port through which the board reaches a host; undefined when it cannot be looked up. */
  async portTo(host: string, port: number): Promise<number | undefined> {
    if (port === 123) {
      if (!this.network.carries) return undefined;
      this.#ntp ??= startNtpServer(() => this.network.carries);
      return (await this.#ntp).address().port;
    }
    const address = await this.network.resolve(host);
    if (!address) return undefined;
    const key = `${address}:${port}`;
    const server = this.#servers.get(key) ?? this.#listen(address, port);
    this.#servers.set(key, server);
    return ((await server).address() as AddressInfo).port;
  }

  /** Cuts all connections: the interpreter is gone. */
  reset(): void {
    for (const tunnel of this.#open) tunnel.destroy();
  }

  async close(): Promise<void> {
    this.network.off('carries', this.#onCarries);
    this.network.off('lose', this.#onLose);
    this.reset();
    for (const server of this.#servers.values()) (await server).close();
    (await this.#ntp)?.close();
  }

  #listen(address: string, port: number): Promise<Server> {
    const server = createServer({ noDelay: true, pauseOnConnect: true }, (board) => {
      const tunnel = new Tunnel(board, () => connect({ host: address, port, noDelay: true }));
      this.#open.add(tunnel);
      board.once('close', () => this.#open.delete(tunnel));
      tunnel.carry(this.network.carries);
    });
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', () => resolve(server));
    });
  }
}

/** One TCP connection of the board. While it does not carry, neither data nor its end passes. */
class Tunnel {
  #remote: Socket | undefined;
  #carries = false;
  #lost = false;
  #over = false;

  constructor(
    private readonly board: Socket,
    private readonly dial: () => Socket,
  ) {
    board.on('error', () => {});
    board.once('close', () => this.#end());
  }

  carry(carries: boolean): void {
    if (this.#lost) return;
    this.#carries = carries;
    if (!carries) {
      this.board.pause();
      this.#remote?.pause();
    } else if (this.#over) {
      this.destroy();
    } else if (!this.#remote) {
      this.#connect();
    } else {
      this.board.resume();
      this.#remote.resume();
    }
  }

  lose(): void {
    this.carry(false);
    this.#lost = true;
  }

  destroy(): void {
    this.board.destroy();
    this.#remote?.destroy();
  }

  #connect(): void {
    const remote = this.dial();
    this.#remote = remote;
    remote.on('error', () => {});
    remote.once('close', () => this.#end());
    this.#pass(this.board, remote);
    this.#pass(remote, this.board);
    this.board.resume();
  }

  #pass(from: Socket, to: Socket): void {
    from.on('data', (data) => {
      if (!to.write(data)) from.pause();
    });
    to.on('drain', () => {
      if (this.#carries) from.resume();
    });
    from.on('end', () => to.end());
  }

  /** One side is gone. The other learns it when the network carries; a refusal becomes a reset. */
  #end(): void {
    this.#over = true;
    if (!this.#carries) return;
    if (!this.board.destroyed) this.board.resetAndDestroy();
    this.#remote?.destroy();
  }
}
