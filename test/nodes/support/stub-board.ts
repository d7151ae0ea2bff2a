import type { Socket } from 'node:net';
import { connectAsync, type MqttClient } from 'mqtt';

/** What the code on the board sees, and how it answers. */
export interface Call {
  source: string;
  variables: Record<string, unknown>;
  /** Sends text as if the code had printed it. */
  print(text: string): Promise<void>;
  /** Resolves when the host has cancelled the command. */
  cancelled: Promise<void>;
}

/** Returns `repr()` of a value, '' for none; a thrown Error's message is the traceback. */
export type Program = (call: Call) => string | Promise<string>;

/** A board of wire version 2 that answers as told. It knows no repeats and no long commands. */
export class StubBoard {
  /** Sources in the order in which they arrived. */
  readonly sources: string[] = [];
  private readonly cancels = new Map<number, () => void>();

  private constructor(
    private readonly client: MqttClient,
    private readonly prefix: string,
    private readonly program: Program,
  ) {}

  static async start(url: string, prefix: string, program: Program): Promise<StubBoard> {
    const will = { topic: `${prefix}/mqb/status`, payload: Buffer.from('offline'), retain: true };
    const client = await connectAsync(url, { will: { ...will, qos: 1 }, reconnectPeriod: 0 });
    (client.stream as Socket).setNoDelay(true);
    const board = new StubBoard(client, prefix, program);
    client.on('message', (topic, payload) => void board.receive(topic, payload));
    await client.subscribeAsync(`${prefix}/mqb/2/cmd/+`);
    const info = { wire: 2, do: ['eval'], boot: 7, chunk: 4096, max: 4096 };
    const birth = { qos: 1, retain: true } as const;
    await client.publishAsync(`${prefix}/mqb/info`, JSON.stringify(info), birth);
    await client.publishAsync(`${prefix}/mqb/status`, 'online', birth);
    return board;
  }

  async stop(): Promise<void> {
    await this.client.endAsync();
  }

  private async receive(topic: string, payload: Buffer): Promise<void> {
    const kind = String.fromCharCode(payload.readUInt8(0));
    const id = payload.readUInt32BE(2);
    const host = topic.split('/').at(-1) ?? '';
    const reply = (letter: string, n: number, last: boolean, data: string) =>
      this.client.publishAsync(
        `${this.prefix}/mqb/2/reply/${host}`,
        frame(letter, id, n, last, data),
      );
    if (kind === 'h') await reply('H', 0, false, JSON.stringify({ boot: 7, ticks: 1000 }));
    if (kind === 'x') this.cancels.get(id)?.();
    if (kind !== 'c') return;

    const command = payload.subarray(10).toString();
    const lineEnd = command.indexOf('\n');
    const line = JSON.parse(command.slice(0, lineEnd)) as { vars?: Record<string, unknown> };
    const source = command.slice(lineEnd + 1);
    this.sources.push(source);
    let n = 0;
    let stopped = false;
    const cancelled = new Promise<void>((resolve) => {
      this.cancels.set(id, () => {
        stopped = true;
        resolve();
      });
    });
    await reply('k', 0, false, '');
    const print = async (text: string) => {
      await reply('o', n++, false, text);
    };
    try {
      const value = await this.program({ source, variables: line.vars ?? {}, print, cancelled });
      await (stopped ? reply('s', n, true, '') : reply('v', n, true, value));
    } catch (error) {
      await reply('e', n, true, (error as Error).message);
    }
  }
}

function frame(kind: string, id: number, n: number, last: boolean, data: string): Buffer {
  const header = Buffer.alloc(10);
  header.write(kind, 'ascii');
  header.writeUInt8(last ? 1 : 0, 1);
  header.writeUInt32BE(id, 2);
  header.writeUInt32BE(n, 6);
  return Buffer.concat([header, Buffer.from(data)]);
}

/** Python's traceback of an error, as a board would print it. */
export function traceback(last: string): Error {
  return new Error(
    `Traceback (most recent call last):\n  File "<stdin>", line 1, in <module>\n${last}`,
  );
}
