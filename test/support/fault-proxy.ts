import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { breakOff } from '../../simulator/break-off';
import { type Faults, Lane } from './fault-lane';
import { playFaults } from './random-faults';

/** `up` is to the broker, `down` is from it. */
export type Direction = 'up' | 'down';

/** What a fault proxy's link is like now, in one direction. */
const healthy = (): Faults => ({ delayMs: 0, bytesPerSecond: 0 });

/**
 * Stands between a client and a broker, and is a bad network on demand. It knows nothing of MQTT or
 * TLS: it sees bytes. Each fault holds for all connections, open and new, until `restore()`.
 */
export class FaultProxy {
  /** How many connections were broken by `cut` or `cutAfter`. */
  cuts = 0;

  private readonly pairs = new Set<[Socket, Socket]>();
  private readonly faults: Record<Direction, Faults> = { up: healthy(), down: healthy() };
  private swallowing = false;
  private refusing = false;
  private leftUntilCut = Number.POSITIVE_INFINITY;
  private nextCut: () => number = () => Number.POSITIVE_INFINITY;
  private stopPlay = () => {};

  private constructor(
    private readonly server: Server,
    private readonly target: number,
  ) {
    server.on('connection', (client) => this.welcome(client));
  }

  /** Starts a proxy on a free port that leads to a port of this machine. */
  static async to(target: number): Promise<FaultProxy> {
    const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new FaultProxy(server, target);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** How many connections are open now. */
  get connections(): number {
    return this.pairs.size;
  }

  /** From now on every byte arrives so much later, in its order: a link over a satellite. */
  delay(milliseconds: number, directions: Direction[] = ['up', 'down']): void {
    for (const direction of directions) this.faults[direction].delayMs = milliseconds;
  }

  /**
   * From now on no more than this gets through a second, for each connection and direction; who sends
   * faster is held up, after a buffer of 64 kB as routers have them.
   */
  throttle(bytesPerSecond: number, directions: Direction[] = ['up', 'down']): void {
    for (const direction of directions) this.faults[direction].bytesPerSecond = bytesPerSecond;
  }

  /**
   * When so many more bytes were carried, all connections and directions together, the connection that
   * carried the last of them breaks right there, in the middle of a packet: the client sees a reset, the broker
   * an end. With a function it happens again and again, each time after as many bytes as it returns.
   */
  cutAfter(bytes: number | (() => number)): void {
    const oneTime = typeof bytes === 'number';
    this.leftUntilCut = oneTime ? bytes : bytes();
    this.nextCut = oneTime ? () => Number.POSITIVE_INFINITY : bytes;
  }

  /** Resets every open connection. */
  cut(): void {
    for (const pair of this.pairs) this.break(pair);
  }

  /**
   * From now on the open connections carry nothing any more, and neither end is told: no FIN, no
   * RST, as when a router forgets a connection. New connections are carried as before.
   */
  goSilent(): void {
    for (const pair of this.pairs) for (const socket of pair) socket.emit('silence');
  }

  /** From now on new connections are accepted and carry nothing, until `restore()`. */
  swallow(): void {
    this.swallowing = true;
  }

  /** From now on new connections are reset at once, as where nothing listens, until `restore()`. */
  refuse(): void {
    this.refusing = true;
  }

  /**
   * From now on one fault follows the other, drawn by the seed: delays, narrow links, cuts in
   * mid-packet, silence, calm. The same seed gives the same faults, each for the same time.
   */
  randomFaults(seed: number): void {
    this.stopPlay();
    this.stopPlay = playFaults(this, seed);
  }

  /** The end of all faults. A connection that fell silent stays so. */
  restore(): void {
    this.stopPlay();
    this.heal();
  }

  /** The end of the faults of this moment; `randomFaults` goes on with its next. */
  heal(): void {
    this.swallowing = false;
    this.refusing = false;
    this.delay(0);
    this.throttle(0);
    this.cutAfter(Number.POSITIVE_INFINITY);
  }

  async stop(): Promise<void> {
    this.restore();
    const closed = once(this.server, 'close');
    this.server.close();
    for (const pair of this.pairs) for (const socket of pair) socket.destroy();
    await closed;
  }

  private welcome(client: Socket): void {
    if (this.refusing) {
      breakOff(client);
      return;
    }
    const broker = connect(this.target, '127.0.0.1');
    const pair: [Socket, Socket] = [client, broker];
    this.pairs.add(pair);
    for (const [socket, other] of [pair, [broker, client]] as const) {
      socket.setNoDelay(true);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        if (!socket.readableEnded) other.destroy(); // else what is under way still arrives
        if (other.destroyed) this.pairs.delete(pair);
      });
    }
    if (this.swallowing) return;
    const carry = (bytes: number) => this.carry(bytes);
    const broken = () => this.break(pair);
    new Lane(client, broker, this.faults.up, carry, broken);
    new Lane(broker, client, this.faults.down, carry, broken);
  }

  /** How many of so many bytes may go before the cut; fewer than asked for is the cut itself. */
  private carry(bytes: number): number {
    if (bytes < this.leftUntilCut) {
      this.leftUntilCut -= bytes;
      return bytes;
    }
    const before = this.leftUntilCut;
    this.leftUntilCut = this.nextCut();
    return before;
  }

  private break([client, broker]: [Socket, Socket]): void {
    if (client.destroyed) return;
    this.cuts += 1;
    breakOff(client);
    broker.destroy();
  }
}
