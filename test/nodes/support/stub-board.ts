import type { Socket } from 'node:net';
import { connectAsync, type MqttClient } from 'mqtt';
import { StubReply } from './stub-reply';

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

/** A command for files: its line, and how to answer it. */
export interface FileCall {
  command: { do: string; path: string; [key: string]: unknown };
  /** What came with the command. */
  body: Buffer;
  cancelled: Promise<void>;
  /** Sends a line of output. */
  output(text: string): Promise<void>;
  /** Of a put: allows the host to send up to `end`; resolves when all of that is here. */
  receive(end: number): Promise<void>;
}

/** Returns the value; a thrown FileFailure is answered as such. */
export type FileProgram = (call: FileCall) => object | Promise<object>;

export class FileFailure extends Error {}

const DOES = {
  eval: ['eval'],
  files: ['put', 'get', 'list', 'stat', 'hash', 'mkdir', 'remove', 'rename'],
};

/** A board of wire version 2 that answers as told. It knows no repeats and no long commands. */
export class StubBoard {
  /** Sources in the order in which they arrived. */
  readonly sources: string[] = [];
  /** Lines of commands for files in the order in which they arrived. */
  readonly commands: FileCall['command'][] = [];
  private readonly running = new Map<string, StubReply>();

  private constructor(
    private readonly client: MqttClient,
    private readonly prefix: string,
    private readonly program: Program,
    private readonly files: FileProgram | undefined,
  ) {}

  static async start(
    url: string,
    prefix: string,
    program: Program,
    files?: FileProgram,
  ): Promise<StubBoard> {
    const will = { topic: `${prefix}/mqb/status`, payload: Buffer.from('offline'), retain: true };
    const client = await connectAsync(url, { will: { ...will, qos: 1 }, reconnectPeriod: 0 });
    (client.stream as Socket).setNoDelay(true);
    const board = new StubBoard(client, prefix, program, files);
    client.on('message', (topic, payload) => void board.receive(topic, payload));
    await client.subscribeAsync(`${prefix}/mqb/2/cmd/+`);
    const does = [...DOES.eval, ...(files ? DOES.files : [])];
    const info = { wire: 2, do: does, boot: 7, chunk: 4096, max: 4096 };
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
    const key = `${host} ${id}`;
    const reply =
      this.running.get(key) ??
      new StubReply(id, (frame) =>
        this.client.publishAsync(`${this.prefix}/mqb/2/reply/${host}`, frame),
      );
    if (kind === 'h') await reply.send('H', 0, JSON.stringify({ boot: 7, ticks: 1000 }));
    if (kind === 'x') reply.cancel();
    if (kind === 'd') reply.take(payload.readUInt32BE(6), payload.subarray(10));
    if (kind !== 'c') return;

    this.running.set(key, reply);
    const command = payload.subarray(10);
    const lineEnd = command.indexOf('\n');
    const line = JSON.parse(command.subarray(0, lineEnd).toString());
    const body = command.subarray(lineEnd + 1);
    await reply.send('k', 0, '');
    const answered =
      line.do === 'eval' ? this.evaluate(line, body, reply) : this.file(line, body, reply);
    const { kind: end, data } = await answered;
    await reply.end(end, data);
    this.running.delete(key);
  }

  private async evaluate(
    line: { vars?: Record<string, unknown> },
    body: Buffer,
    reply: StubReply,
  ): Promise<{ kind: string; data: string }> {
    const source = body.toString();
    this.sources.push(source);
    const print = (text: string) => reply.output(text);
    const { cancelled } = reply;
    try {
      const data = await this.program({ source, variables: line.vars ?? {}, print, cancelled });
      return { kind: 'v', data };
    } catch (error) {
      return { kind: 'e', data: (error as Error).message };
    }
  }

  private async file(
    command: FileCall['command'],
    body: Buffer,
    reply: StubReply,
  ): Promise<{ kind: string; data: string }> {
    this.commands.push(command);
    reply.take(0, body);
    const { cancelled } = reply;
    const output = (text: string) => reply.output(text);
    const receive = (end: number) => reply.receive(end);
    try {
      const value = await this.files?.({ command, body, cancelled, output, receive });
      return { kind: 'v', data: JSON.stringify(value) };
    } catch (error) {
      if (!(error instanceof FileFailure)) throw error;
      return { kind: 'f', data: error.message };
    }
  }
}

/** Python's traceback of an error, as a board would print it. */
export function traceback(last: string): Error {
  return new Error(
    `Traceback (most recent call last):\n  File "<stdin>", line 1, in <module>\n${last}`,
  );
}
