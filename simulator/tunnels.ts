import type { Socket as UdpSocket } from 'node:dgram';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { AirConnection } from './air-connection';
import { breakOff } from './break-off';
import type { Network } from './network';
import { startNtpServer } from './ntp-server';

/** Where nobody listens: connecting there is refused. */
const REFUSED_PORT = 1;

/** As long as a board may take from looking a host up to connecting to it. */
const DIALLED_MS = 2000;

interface Tunnel {
  server: Server;
  port: number;
  /** Dialled at the lookup, so that a refusal can be one; the next connection takes it. */
  dialled: AirConnection | undefined;
}

/**
 * How a process with sockets of its own is put behind the virtual network: each host it looks up
 * gets a local port that leads there through the air. TLS goes through untouched.
 */
export class Tunnels {
  readonly #tunnels = new Map<string, Promise<Tunnel>>();
  readonly #boardSockets = new Set<Socket>();
  #ntp: Promise<UdpSocket> | undefined;

  constructor(private readonly network: Network) {}

  /** The local port through which the board reaches a host; undefined when it cannot be looked up. */
  async portTo(host: string, port: number): Promise<number | undefined> {
    if (port === 123) return this.#ntpPort();
    const address = await this.network.resolve(host);
    if (!address) return undefined;
    const key = `${address}:${port}`;
    const opening = this.#tunnels.get(key) ?? this.#open(address, port);
    this.#tunnels.set(key, opening);
    const tunnel = await opening;
    try {
      tunnel.dialled?.destroy();
      tunnel.dialled = await this.network.dial(address, port);
    } catch {
      return REFUSED_PORT;
    }
    const { dialled } = tunnel;
    dialled.on('error', () => {});
    setTimeout(() => tunnel.dialled === dialled && dialled.destroy(), DIALLED_MS).unref();
    return tunnel.port;
  }

  async close(): Promise<void> {
    for (const socket of this.#boardSockets) socket.destroy();
    for (const opening of this.#tunnels.values()) {
      const { server, dialled } = await opening;
      dialled?.destroy();
      server.close();
    }
    (await this.#ntp)?.close();
  }

  async #ntpPort(): Promise<number | undefined> {
    if (!this.network.carries) return undefined;
    this.#ntp ??= startNtpServer(() => this.network.carries);
    return (await this.#ntp).address().port;
  }

  #open(address: string, port: number): Promise<Tunnel> {
    const server = createServer({ noDelay: true, allowHalfOpen: true }, async (board) => {
      this.#boardSockets.add(board);
      board.on('error', () => {});
      board.once('close', () => this.#boardSockets.delete(board));
      try {
        const tunnel = await this.#tunnels.get(`${address}:${port}`);
        const dialled = tunnel?.dialled;
        if (tunnel) tunnel.dialled = undefined;
        join(board, dialled ?? (await this.network.dial(address, port)));
      } catch {
        breakOff(board);
      }
    });
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', () => {
        const { port: localPort } = server.address() as AddressInfo;
        resolve({ server, port: localPort, dialled: undefined });
      });
    });
  }
}

function join(board: Socket, air: AirConnection): void {
  board.pipe(air);
  air.pipe(board);
  air.on('error', () => breakOff(board));
  board.once('close', () => air.destroy());
}
