import { randomBytes } from 'node:crypto';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { sha256 } from './contents';

const DATA_BYTES = 1400;
const LAST = 0x8000;
/** Files above this are sent no faster than the board acknowledges them. */
const UNACKNOWLEDGED_BYTES = 100 * 1024;
const AHEAD = 16;

export interface SendV1Options {
  /** Sends so many messages and is never heard of again. */
  stopAfter?: number;
  /** Messages whose data go in the place of those of the `n`-th. */
  instead?: (n: number, data: Buffer) => Buffer[];
}

/** What the tool sends to `eval` for `mqboard reset`, by its option; the log's words are ours. */
const RESETS = {
  normal: "log.critical('reset: normal mode')\nsys.modules['watchdog'].reset('n')\n",
  safe: "log.critical('reset: safe mode')\nsys.modules['watchdog'].reset('f')\n",
  soft: "log.critical('reset: soft')\nsys.modules['watchdog'].reset('s')\n",
  hard: 'machine.reset()',
  // As an earlier tool sent it.
  normalmode: "sys.modules['watchdog'].reset(True)\nlog.critical('reset: normal mode')\n",
  safemode: "sys.modules['watchdog'].reset(False)\nlog.critical('reset: safe mode')\n",
};
export type ResetV1 = keyof typeof RESETS;

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
  put(path: string, data: Buffer, options: SendV1Options = {}): Promise<string> {
    return this.stream('put', path, data, options);
  }

  /** `mqboard ota`; `sha` may say something else of the image. */
  ota(image: Buffer, options: SendV1Options & { sha?: string } = {}): Promise<string> {
    return this.stream('ota', options.sha ?? sha256(image), image, options);
  }

  /** `mqboard eval`. */
  eval(source: string): Promise<string> {
    return this.stream('eval', '', Buffer.from(source));
  }

  /** `mqboard reset`; after a hard one nothing is answered: the tool waits in vain. */
  async reset(how: ResetV1): Promise<string> {
    if (how !== 'hard') return this.eval(RESETS[how]);
    const reply = await this.listen();
    await this.send('eval', reply.id, '', message(0, true, Buffer.from(RESETS.hard)));
    return 'nothing';
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

  private async stream(
    command: string,
    tail: string,
    data: Buffer,
    { stopAfter, instead = (_, part) => [part] }: SendV1Options = {},
  ): Promise<string> {
    const reply = await this.listen();
    const count = Math.max(1, Math.ceil(data.length / DATA_BYTES));
    for (let n = 0; n < count && !reply.over; n++) {
      if (n === stopAfter) return 'stopped';
      if (data.length > UNACKNOWLEDGED_BYTES) await reply.until(() => n - reply.seq <= AHEAD);
      const last = n === count - 1;
      for (const part of instead(n, data.subarray(n * DATA_BYTES, (n + 1) * DATA_BYTES)))
        await this.send(command, reply.id, tail, message(n, last, part));
    }
    await reply.until(() => reply.over);
    return reply.close().toString();
  }

  private send(command: string, id: string, tail: string, payload: Buffer): Promise<unknown> {
    const topic = `${this.prefix}/mqb/cmd/${command}/${id}${tail && `/${tail}`}`;
    return this.client.publishAsync(topic, payload, { qos: 1 });
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
  /** The newest acknowledged message. */
  seq = -1;
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
    if (topic === `${this.prefix}/mqb/reply/err/${this.id}`) this.failed(new Error(`${payload}`));
    else if (topic === `${this.prefix}/mqb/reply/out/${this.id}`) this.taken(payload);
    this.wake();
  };

  private taken(payload: Buffer): void {
    try {
      this.take(payload);
    } catch (error) {
      this.failed(error as Error);
    }
  }

  private failed(error: Error): void {
    this.error = error;
    this.over = true;
  }

  private take(payload: Buffer): void {
    const data = payload.subarray(2);
    if (data.length < 10 && data.toString().startsWith('SEQ ')) {
      const seq = Number(data.toString().slice(4));
      if (!(seq > this.seq)) throw new Error(`the tool takes SEQ ${seq} for the whole reply`);
      this.seq = seq;
      return;
    }
    this.parts.push(data);
    this.over = (payload.readUInt16BE() & LAST) !== 0;
  }
}
