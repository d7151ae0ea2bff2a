import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Aedes, AuthenticateError, Client } from 'aedes' with { 'resolution-mode': 'import' };
import type { Pair } from './certificates';

export interface BrokerOptions {
  /** With a certificate the broker speaks TLS on `tlsPort`, beside plain MQTT on `port`. */
  certificate?: Pair;
  /** Clients must present a certificate of this authority, PEM. */
  clientCa?: string;
  /** Port of plain MQTT; 0, the default, for a free one. */
  port?: number;
  /** Port of MQTT over TLS; 0, the default, for a free one. */
  tlsPort?: number;
  /** Passwords by user name. Without it everybody is let in. */
  users?: Record<string, string>;
}

/** An MQTT 3.1.1 broker in this process, reachable from this machine only. */
export class Broker {
  /** Port of plain MQTT, kept over a stop and a start. */
  port = 0;
  /** Port of MQTT over TLS, or 0 without a certificate. */
  tlsPort = 0;

  private readonly servers: Server[] = [];
  private readonly sockets = new Set<Socket>();

  private constructor(
    /** The broker itself, for its events. It is replaced at each start. */
    public aedes: Aedes,
    private readonly options: BrokerOptions,
  ) {}

  static async start(options: BrokerOptions = {}): Promise<Broker> {
    const broker = new Broker(await createAedes(options), options);
    await broker.listen().catch(async (error) => {
      await broker.stop();
      throw error;
    });
    return broker;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  get tlsUrl(): string {
    return `mqtts://127.0.0.1:${this.tlsPort}`;
  }

  /** Client ids of those who are connected. */
  get clients(): string[] {
    const { clients } = this.aedes as unknown as { clients: Record<string, Client> };
    return Object.keys(clients);
  }

  /** Cuts every connection without a word, and stays open for the next ones. */
  dropConnections(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  /** Ends the broker; whatever it retained is gone. */
  async stop(): Promise<void> {
    const closed = this.servers.splice(0).map(close);
    this.dropConnections();
    await new Promise<void>((resolve) => this.aedes.close(resolve));
    await Promise.all(closed);
  }

  /** Starts again, empty, on the ports it had. */
  async restart(): Promise<void> {
    await this.stop();
    this.aedes = await createAedes(this.options);
    await this.listen();
  }

  private async listen(): Promise<void> {
    const { certificate, clientCa, port = 0, tlsPort = 0 } = this.options;
    // Replies are many small packets: Nagle's algorithm would hold each back for up to 44 ms.
    const plain = createServer({ noDelay: true }, (socket) => this.welcome(socket));
    this.port = await this.open(plain, this.port || port);
    if (!certificate) return;

    const tls = createTlsServer({
      ...certificate,
      noDelay: true,
      ...(clientCa && { ca: clientCa, requestCert: true, rejectUnauthorized: true }),
    });
    // A client that does not trust the certificate hangs up; that is its business.
    tls.on('tlsClientError', () => undefined);
    tls.on('connection', (socket: Socket) => this.remember(socket));
    tls.on('secureConnection', (socket) => this.welcome(socket));
    this.tlsPort = await this.open(tls, this.tlsPort || tlsPort);
  }

  private welcome(socket: Socket): void {
    this.remember(socket);
    this.aedes.handle(socket);
  }

  private remember(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.sockets.delete(socket));
  }

  private async open(server: Server, port: number): Promise<number> {
    this.servers.push(server);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    return (server.address() as { port: number }).port;
  }
}

async function createAedes({ users }: BrokerOptions): Promise<Aedes> {
  const { Aedes } = await import('aedes');
  return Aedes.createBroker({
    authenticate: (_client, username, password, done) => {
      if (!users || (username !== undefined && users[username] === password?.toString())) {
        done(null, true);
        return;
      }
      const error = new Error('Bad user name or password') as AuthenticateError;
      error.returnCode = 4; // MQTT 3.1.1, table 3.1
      done(error, false);
    },
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}
