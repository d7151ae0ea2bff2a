import { EventEmitter } from 'node:events';
import { deflateRawSync } from 'node:zlib';
import type { VirtualBoardOptions } from '../../simulator';
import { sha256 } from './contents';
import { RawHost } from './raw-host';

export const NOTHING: Buffer = Buffer.alloc(0);

export interface Frame {
  kind: string;
  flags: number;
  id: number;
  n: number;
  data: Buffer;
}

/** How a command ended: its output, and what the last frames said. */
export interface Outcome {
  output: string;
  /** `v`, `e`, `f`, `s` or `r`. */
  kind: string;
  text: string;
  /** Offsets of the `g` that the board sent with bit 1, and the largest `end` of all. */
  asked: number[];
  end: number;
}

export interface PutSteps {
  head?: object;
  /** Bytes that go with the command. */
  body?: number;
  chunk?: number;
  /** Data frames are raw deflate. */
  deflate?: boolean;
  /** Called before each data frame; false: it is lost. Frames returned are sent in its place. */
  before?: (n: number) => boolean | undefined;
  /** Sends nothing from this offset on. */
  stopAt?: number;
  /** Hears of each `g`: how much the board has. */
  asked?: (n: number) => void;
}

/** Speaks version 2 frame by frame: the commands for files, and both sides of a transfer. */
export class FileHost {
  boot = 0;
  ticks = 0;
  id = 0;

  private readonly queues = new Map<number, Frame[]>();
  private readonly arrived = new EventEmitter();

  private constructor(
    readonly raw: RawHost,
    readonly prefix: string,
  ) {
    raw.client.on('message', (topic, payload) => {
      if (topic !== `${prefix}/mqb/2/reply/filehost`) return;
      const id = payload.readUInt32BE(2);
      const frame = {
        kind: payload.toString('latin1', 0, 1),
        flags: payload[1] ?? -1,
        id,
        n: payload.readUInt32BE(6),
        data: payload.subarray(10),
      };
      const queue = this.queues.get(id);
      if (queue) queue.push(frame);
      else this.queues.set(id, [frame]);
      this.arrived.emit(String(id));
    });
  }

  static async start(
    prefix: string,
    options: Partial<VirtualBoardOptions> = {},
  ): Promise<FileHost> {
    const host = new FileHost(await RawHost.start(prefix, options), prefix);
    await host.hello();
    return host;
  }

  async hello(): Promise<void> {
    this.send('h', ++this.id);
    const { data } = await this.frame();
    ({ boot: this.boot, ticks: this.ticks } = JSON.parse(data.toString()));
  }

  send(kind: string, id: number, n = 0, data = NOTHING, flags = 0): void {
    const header = Buffer.alloc(10);
    header.write(kind);
    header[1] = flags;
    header.writeUInt32BE(id, 2);
    header.writeUInt32BE(n, 6);
    this.raw.client.publish(`${this.prefix}/mqb/2/cmd/filehost`, Buffer.concat([header, data]));
  }

  /** The next frame of an exchange. */
  async frame(id = this.id, timeoutMs = 10_000): Promise<Frame> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const frame = this.queues.get(id)?.shift();
      if (frame) return frame;
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`no frame of exchange ${id} within ${timeoutMs} ms`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.arrived.once(String(id), () => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  /** Starts a command under a new id. */
  begin(name: string, head: object, body = NOTHING): number {
    const id = ++this.id;
    const until = (this.ticks + 600_000) & 0x3fffffff;
    const line = JSON.stringify({ do: name, boot: this.boot, until, ...head });
    const command = Buffer.concat([Buffer.from(`${line}\n`), body]);
    for (let at = 0; at < command.length; at += 1400) {
      const last = at + 1400 >= command.length;
      this.send('c', id, at, command.subarray(at, at + 1400), last ? 1 : 0);
    }
    return id;
  }

  /** Runs a command to its end; `each` sees the frames that are no part of the reply. */
  async finish(id: number, each: (frame: Frame) => unknown = () => {}): Promise<Outcome> {
    const outcome: Outcome = { output: '', kind: '', text: '', asked: [], end: 0 };
    for (;;) {
      const frame = await this.frame(id);
      if ('kw'.includes(frame.kind)) continue;
      if (frame.kind === 'g') {
        if (frame.flags & 2) outcome.asked.push(frame.n);
        outcome.end = Math.max(outcome.end, frame.data.readUInt32BE(0));
      }
      if (frame.kind === 'o') outcome.output += frame.data;
      if ('vefsr'.includes(frame.kind)) outcome.text += frame.data;
      await each(frame);
      if (frame.kind === 'r' || ('ovefs'.includes(frame.kind) && frame.flags & 1)) {
        outcome.kind = frame.kind;
        if (frame.kind !== 'r') this.send('a', id, frame.n + 1);
        return outcome;
      }
    }
  }

  /** The value of a command that has to succeed. */
  async value(name: string, head: object, body = NOTHING) {
    const { kind, text } = await this.finish(this.begin(name, head, body));
    if (kind !== 'v') throw new Error(`${name} ended with ${kind} ${text}`);
    return JSON.parse(text);
  }

  /** The code that a command has to fail with. */
  async failure(name: string, head: object, body = NOTHING): Promise<string> {
    const { kind, text } = await this.finish(this.begin(name, head, body));
    return kind === 'f' || kind === 'r' ? (text.split(' ')[0] ?? '') : `${kind} ${text}`;
  }

  async eval(source: string): Promise<string> {
    const { output, text } = await this.finish(this.begin('eval', {}, Buffer.from(source)));
    return output + text;
  }

  /** Puts a file as a host does. */
  async put(path: string, data: Buffer, steps: PutSteps = {}): Promise<Outcome> {
    const body = data.subarray(0, steps.body ?? 0);
    const id = this.begin(
      'put',
      { path, size: data.length, sha: sha256(data), ...steps.head },
      body,
    );
    return this.serve(id, data, steps);
  }

  /** Sends `data` as the board asks for it, until the command ends. */
  serve(id: number, data: Buffer, steps: PutSteps = {}): Promise<Outcome> {
    let at = -1;
    return this.finish(id, ({ kind, flags, n, data: said }) => {
      if (kind !== 'g') return;
      steps.asked?.(n);
      const end = said.readUInt32BE(0);
      const chunk = steps.chunk ?? said.readUInt32BE(4);
      if (at < 0 || flags & 2) at = n;
      const stop = Math.min(end, steps.stopAt ?? data.length, data.length);
      while (at < stop) {
        const part = data.subarray(at, Math.min(at + chunk, stop));
        if (steps.before?.(at) !== false) {
          this.send(
            'd',
            id,
            at,
            steps.deflate ? deflateRawSync(part, { windowBits: 10 }) : part,
            steps.deflate ? 2 : 0,
          );
        }
        at += part.length;
      }
    });
  }

  /** Gets a file as a host does, with a window of `window` bytes; `largest` is of the frames. */
  async get(path: string, head: object = {}, window = 32_768, chunk = 4096) {
    const parts: Buffer[] = [];
    let have = 0;
    let size = -1;
    let at = 0;
    let largest = 0;
    const id = this.begin('get', { path, ...head });
    const ask = (flags = 0) => {
      const said = Buffer.alloc(8);
      said.writeUInt32BE(Math.min(have + window, size), 0);
      said.writeUInt32BE(chunk, 4);
      this.send('g', id, have, said, flags);
    };
    const outcome = await this.finish(id, ({ kind, n, data }) => {
      if (kind === 'o') {
        ({ size, at } = JSON.parse(data.toString()));
        have = at;
        ask();
      }
      if (kind === 'd') largest = Math.max(largest, data.length);
      if (kind !== 'd' || n !== have) return;
      parts.push(data);
      have += data.length;
      ask();
    });
    return { ...outcome, at, size, data: Buffer.concat(parts), largest };
  }

  async stop(): Promise<void> {
    await this.raw.stop();
  }
}
