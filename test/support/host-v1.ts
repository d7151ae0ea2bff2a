import { randomBytes } from 'node:crypto';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';

const DATA_BYTES = 1400;
const LAST = 0x8000;
/** Files above this are sent no faster than the board acknowledges them. */
const UNACKNOWLEDGED_BYTES = 100 * 1024;
const AHEAD = 16;

export interface PutV1Options {
  /** Sends so many messages and is never heard of again. */
  stopAfter?: number;
}

/**
 * The host of the original MQBoard, by its bytes: messages of 1400 bytes at QoS 1, each acknowledged by
 * the broker before the next; above 100 KiB at most 16 ahead of the board's last `SEQ n`.
 */
export class HostV1 {
  private constructor(
    private readonly client: MqttClient,
    private readonly prefix: string,
  ) {}

  static async connect(url: string, prefix: string, options: IClientOptions): Promise<HostV1> {
    return new HostV1(await connectAsync(url, { ...options, reconnectPeriod: 0 }), prefix);
  }

  /** Returns the board's answer. @throws {Error} with the text of `reply/err` */
  async put(path: string, data: Buffer, { stopAfter }: PutV1Options = {}): Promise<string> {
    const reply = await this.listen();
    const count = Math.max(1, Math.ceil(data.length / DATA_BYTES));
    for (let n = 0; n < count; n++) {
      if (n === stopAfter) return 'stopped';
      if (data.length > UNACKNOWLEDGED_BYTES) await reply.until(() => n - reply.seq <= AHEAD);
      const last = n === count - 1;
      const part = data.subarray(n * DATA_BYTES, (n + 1) * DATA_BYTES);
      await this.send('put', reply.id, path, message(n, last, part));
    }
    await reply.until(() => reply.over);
    return reply.close().toString();
  }

  async get(path: string): Promise<Buffer> {
    const reply = await this.listen();
    await this.send('get', reply.id, path, message(0, true, Buffer.alloc(0)));
    await reply.until(() => reply.over);
    return reply.close();
  }

  close(): Promise<void> {
    return this.client.endAsync(true);
  }

  private send(command: string, id: string, path: string, payload: Buffer): Promise<unknown> {
    return this.client.publishAsync(`${this.prefix}/mqb/cmd/${command}/${id}/${path}`, payload, {
      qos: 1,
    });
  }

  private async listen(): Promise<ReplyV1> {
    const id = randomBytes(6).toString('base64url');
    const reply = new ReplyV1(this.client, this.prefix, id);
    const topics = ['out', 'err'].map((kind) => `${this.prefix}/mqb/reply/${kind}/${id}`);
    await this.client.subscribeAsync(topics, { qos: 1 });
    return reply;
  }
}

function message(n: number, last: boolean, data: Buffer): Buffer {
  const header = Buffer.alloc(2);
  header.writeUInt16BE(n | (last ? LAST : 0));
  return Buffer.concat([header, data]);
}

/** What comes back for one command. */
class ReplyV1 {
  /** The newest acknowledged message; the first 16 need none. */
  seq = 0;
  over = false;
  private readonly parts: Buffer[] = [];
  private error: Error | undefined;
  private wake = () => {};

  constructor(
    private readonly client: MqttClient,
    private readonly prefix: string,
    readonly id: string,
  ) {
    client.on('message', this.onMessage);
  }

  async until(condition: () => boolean, timeoutMs = 20_000): Promise<void> {
    const timer = setTimeout(() => {
      this.error = new Error('the board does not answer');
      this.wake();
    }, timeoutMs);
    while (!condition() && !this.error) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    clearTimeout(timer);
    if (this.error) this.close();
  }

  /** All of the reply's data. */
  close(): Buffer {
    this.client.off('message', this.onMessage);
    if (this.error) throw this.error;
    return Buffer.concat(this.parts);
  }

  private readonly onMessage = (topic: string, payload: Buffer) => {
    if (topic === `${this.prefix}/mqb/reply/err/${this.id}`) this.error = new Error(`${payload}`);
    else if (topic === `${this.prefix}/mqb/reply/out/${this.id}`) this.take(payload);
    this.wake();
  };

  private take(payload: Buffer): void {
    const data = payload.subarray(2);
    if (data.length < 10 && data.toString().startsWith('SEQ ')) {
      this.seq = Number(data.toString().slice(4));
      return;
    }
    this.parts.push(data);
    this.over = (payload.readUInt16BE() & LAST) !== 0;
  }
}
