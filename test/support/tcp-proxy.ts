import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/**
 * Stands between a client and a broker, and is a bad network on demand. It knows nothing of MQTT or
 * TLS: it sees bytes.
 */
export class TcpProxy {
  private readonly pairs = new Set<[Socket, Socket]>();
  private silent = false;

  private constructor(
    private readonly server: Server,
    private readonly target: number,
  ) {
    server.on('connection', (client) => this.welcome(client));
  }

  /** Starts a proxy on a free port that leads to a port of this machine. */
  static async to(target: number): Promise<TcpProxy> {
    const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TcpProxy(server, target);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** How many connections are open now. */
  get connections(): number {
    return this.pairs.size;
  }

  /**
   * From now on the open connections carry nothing any more, and neither end is told: no FIN, no
   * RST, as when a router forgets a connection. New connections are carried as before.
   */
  goSilent(): void {
    for (const [client, broker] of this.pairs) {
      client.unpipe();
      broker.unpipe();
      client.pause();
      broker.pause();
    }
  }

  /** From now on new connections are accepted and carry nothing, until `restore()`. */
  swallow(): void {
    this.silent = true;
  }

  restore(): void {
    this.silent = false;
  }

  /** Resets every open connection. */
  cut(): void {
    for (const [client, broker] of this.pairs) {
      client.resetAndDestroy();
      broker.destroy();
    }
  }

  async stop(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    for (const pair of this.pairs) for (const socket of pair) socket.destroy();
    await closed;
  }

  private welcome(client: Socket): void {
    const broker = connect(this.target, '127.0.0.1');
    const pair: [Socket, Socket] = [client, broker];
    this.pairs.add(pair);
    for (const [socket, other] of [pair, [broker, client]] as const) {
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.pairs.delete(pair);
        other.destroy();
      });
    }
    if (this.silent) return;
    client.pipe(broker);
    broker.pipe(client);
  }
}
