// A broker that does what a test says, packet by packet.
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import * as mqttPacket from 'mqtt-packet';

export type Packet = mqttPacket.Packet;

/** One connection of a client, with all that it sent. */
export class ScriptedConnection {
  readonly packets: Packet[] = [];
  private readonly waiting = new Set<() => void>();
  private taken = 0;

  constructor(readonly socket: Socket) {
    const parser = mqttPacket.parser();
    parser.on('packet', (packet) => {
      // Pings are answered by themselves: they come when they want, and no test is about them.
      if (packet.cmd === 'pingreq') this.send({ cmd: 'pingresp' });
      else this.packets.push(packet);
      this.wake();
    });
    socket.on('data', (data) => parser.parse(data));
    socket.on('error', () => undefined);
    socket.on('close', () => this.wake());
  }

  send(packet: Packet): void {
    this.socket.write(mqttPacket.generate(packet));
  }

  /** The next packet that the client sent and that was not taken yet; fails when it closes first. */
  async next<C extends Packet['cmd']>(cmd: C): Promise<Extract<Packet, { cmd: C }>> {
    for (;;) {
      const packet = this.packets[this.taken];
      if (packet) {
        this.taken += 1;
        if (packet.cmd !== cmd) throw new Error(`expected ${cmd}, got ${JSON.stringify(packet)}`);
        return packet as Extract<Packet, { cmd: C }>;
      }
      if (this.socket.destroyed) throw new Error(`the client closed instead of a ${cmd}`);
      await new Promise<void>((resolve) => this.waiting.add(resolve));
    }
  }

  async closed(): Promise<void> {
    if (!this.socket.destroyed) await once(this.socket, 'close');
  }

  private wake(): void {
    for (const resolve of this.waiting) resolve();
    this.waiting.clear();
  }
}

export class ScriptedBroker {
  /** When each connection came, in ms. */
  readonly times: number[] = [];
  private readonly connections: ScriptedConnection[] = [];
  private readonly waiting: ((connection: ScriptedConnection) => void)[] = [];

  private constructor(private readonly server: Server) {
    server.on('connection', (socket) => {
      this.times.push(Date.now());
      const connection = new ScriptedConnection(socket);
      const taker = this.waiting.shift();
      if (taker) taker(connection);
      else this.connections.push(connection);
    });
  }

  static async start(): Promise<ScriptedBroker> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new ScriptedBroker(server);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** The next connection, before anything was answered. */
  connection(): Promise<ScriptedConnection> {
    const there = this.connections.shift();
    if (there) return Promise.resolve(there);
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  /** The next connection, its CONNECT accepted. */
  async accept(options: { sessionPresent?: boolean } = {}): Promise<ScriptedConnection> {
    const connection = await this.connection();
    await connection.next('connect');
    const sessionPresent = options.sessionPresent ?? false;
    connection.send({ cmd: 'connack', returnCode: 0, sessionPresent });
    return connection;
  }

  async stop(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    for (const { socket } of this.connections) socket.destroy();
    await closed;
  }
}
