import { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import { checkServerIdentity, connect as connectTls } from 'node:tls';
import type { AirConnection } from './air-connection';
import { errnoOf } from './lwip-errors';
import type { Network } from './network';
import { tlsErrorText } from './tls-errors';
import type { Answer } from './wasm-link';

/** What is kept of received data before the sender has to wait; an ESP32 has about 5 KiB. */
const RECEIVE_BYTES = 64 * 1024;
const SEND_BYTES = 16 * 1024;

export interface TlsSettings {
  verify: boolean;
  hostname: string | null;
  ca: string | null;
  cert: string | null;
  key: string | null;
}

/** A TCP socket of the board, with or without TLS, as calls that may wait. */
export class AirSocket extends EventEmitter<{ change: [] }> {
  #connection: AirConnection | undefined;
  #stream: Duplex | undefined;
  #received: Buffer[] = [];
  #receivedBytes = 0;
  #ended = false;
  #closed = false;
  #error: Answer | undefined;

  constructor(private readonly network: Network) {
    super();
  }

  get readable(): boolean {
    return this.#receivedBytes > 0 || this.#ended || this.#error !== undefined;
  }

  get writable(): boolean {
    if (this.#error) return true;
    return this.#stream !== undefined && this.#stream.writableLength < SEND_BYTES;
  }

  connect(address: string, port: number, wait: number): Promise<Answer> {
    this.network.dial(address, port).then(
      (connection) => {
        if (this.#closed) connection.destroy();
        else this.#use(connection, connection);
        this.#connection = connection;
        this.emit('change');
      },
      (error) => this.#fail(error),
    );
    if (wait === 0) return Promise.resolve({ value: -errnoOf('EINPROGRESS') });
    return this.#when(() => this.#error ?? (this.#stream && { value: 0 }), wait, 'ETIMEDOUT');
  }

  /** Done when the handshake is, or at once with `wait` 0: then the first transfer tells. */
  async startTls(settings: TlsSettings, wait: number): Promise<Answer> {
    const connection = this.#connection;
    if (!connection || this.#error) return this.#error ?? { value: -errnoOf('ENOTCONN') };
    for (const event of ['data', 'end', 'error', 'close']) connection.removeAllListeners(event);
    const { verify, hostname, ca, cert, key } = settings;
    let secured = false;
    try {
      const tls = connectTls({
        socket: connection,
        rejectUnauthorized: verify,
        minVersion: 'TLSv1.2',
        ...(hostname && !/^[\d.]+$/.test(hostname) && { servername: hostname }),
        checkServerIdentity: (_, certificate) => checkServerIdentity(hostname ?? '', certificate),
        ...(ca && { ca }),
        ...(cert && key && { cert, key }),
      });
      tls.once('secureConnect', () => {
        secured = true;
        this.emit('change');
      });
      this.#use(tls, connection);
    } catch (error) {
      this.#fail(error as Error);
    }
    if (wait === 0) return { value: 0 };
    return this.#when(() => this.#error ?? (secured ? { value: 0 } : undefined), wait, 'ETIMEDOUT');
  }

  async send(data: Uint8Array, wait: number): Promise<Answer> {
    const state = () => this.#error ?? (this.writable && !this.#closed ? { value: 0 } : undefined);
    const { value, ...rest } = await this.#when(state, wait, 'EAGAIN');
    if (value < 0) return { value, ...rest };
    this.#stream?.write(data);
    return { value: data.length };
  }

  /** `value` is 0 at the end of what the other side sent. */
  receive(size: number, wait: number): Promise<Answer> {
    return this.#when(
      () => {
        if (this.#receivedBytes) return this.#take(size);
        return this.#error ?? (this.#ended ? { value: 0 } : undefined);
      },
      wait,
      'EAGAIN',
    );
  }

  close(): void {
    this.#closed = true;
    this.#error ??= { value: -errnoOf('ENOTCONN') };
    this.#stream?.end();
    // What was written goes out first, then the connection: nothing that comes in is of use any more.
    this.#stream?.resume();
    const stream = this.#stream;
    const connection = this.#connection;
    stream?.once('finish', () => connection?.destroy());
  }

  #use(stream: Duplex, connection: AirConnection): void {
    this.#stream = stream;
    stream.on('data', (data: Buffer) => {
      if (this.#closed) return;
      this.#received.push(data);
      this.#receivedBytes += data.length;
      if (this.#receivedBytes > RECEIVE_BYTES) stream.pause();
      this.emit('change');
    });
    stream.on('drain', () => this.emit('change'));
    stream.on('end', () => {
      this.#ended = true;
      this.emit('change');
    });
    stream.on('error', (error) => this.#fail(error));
    stream.on('close', () => this.#fail(undefined));
    if (stream !== connection) connection.on('error', (error) => this.#fail(error));
  }

  #take(size: number): Answer {
    const all = Buffer.concat(this.#received);
    const data = all.subarray(0, size);
    this.#received = all.length > size ? [all.subarray(size)] : [];
    this.#receivedBytes = all.length - data.length;
    if (this.#receivedBytes <= RECEIVE_BYTES) this.#stream?.resume();
    return { value: data.length, data };
  }

  /** The first error stays, because it is the cause of those that follow. */
  #fail(error: NodeJS.ErrnoException | undefined): void {
    const text = error && tlsErrorText(error);
    if (text) this.#error ??= { value: -errnoOf('EIO'), data: Buffer.from(text) };
    else if (error) this.#error ??= { value: -errnoOf(error.code) };
    else if (!this.#ended) this.#error ??= { value: -errnoOf('ECONNRESET') };
    this.emit('change');
  }

  #when(state: () => Answer | undefined, wait: number, late: string): Promise<Answer> {
    const now = state();
    if (now || wait === 0) return Promise.resolve(now ?? { value: -errnoOf(late) });
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      const finish = (answer: Answer) => {
        clearTimeout(timer);
        this.off('change', look);
        resolve(answer);
      };
      const look = () => {
        const answer = state();
        if (answer) finish(answer);
      };
      this.on('change', look);
      if (wait > 0) timer = setTimeout(() => finish({ value: -errnoOf('ETIMEDOUT') }), wait);
    });
  }
}
