import { EventEmitter, once } from 'node:events';
import { connectAsync, type MqttClient } from 'mqtt';
import { decodeFrame, encodeFrame, type Frame, type FrameKind } from '../../core/protocol/frame';
import { type Exchange, type FilesBehaviour, ScriptedFiles } from './scripted-files';
import { ScriptedUpdates, type UpdatesBehaviour } from './scripted-updates';

/** What a command shall bring about: frames in this order; without a last one it runs for ever. */
export interface Script {
  output?: Array<string | Buffer>;
  value?: string;
  exception?: string;
  /** A code, a space, a sentence. */
  failure?: string;
}

export interface Behaviour extends FilesBehaviour {
  /** What each command brings about. Default: the value 921. */
  runs?: (source: string, line: Record<string, unknown>) => Script;
  /** What commands bring about that have to do with no file, by name. It offers them besides the usual. */
  answers?: Record<string, (line: Record<string, unknown>) => Script>;
  /** Hears nothing of its first so many command frames. */
  deafFor?: number;
  /** Sends every frame twice. */
  answersTwice?: boolean;
  /** Loses these frames on the way the first time that it sends them. */
  losesOnce?: number[];
  /** Has these frames no more when they are wanted again, and goes on behind them. */
  forgets?: number[];
  /** Sends so many frames, and no more until it is asked to go on. */
  stopsAfter?: number;
  /** Refuses its first commands, with these texts. */
  refuses?: string[];
  /** Loses its first so many hellos. */
  ignoresHellos?: number;
  /** Bytes it takes in one part. */
  chunk?: number;
  /** Never gets this part (by offset) the first time. */
  losesPartAt?: number;
  /** It takes releases, and images perhaps. */
  updates?: UpdatesBehaviour;
  /** Keys of its birth message that differ from the usual. */
  info?: Record<string, unknown>;
}

const UPDATING = ['release', 'ota'];
const COMMANDS = [...'eval put get list stat hash mkdir remove rename'.split(' ')];

interface Command {
  id: number;
  host: string;
  parts: Map<number, Buffer>;
  end: number;
  frames: Buffer[];
  ran: boolean;
  /** Takes the `d` and the `g` of a transfer. */
  transfer?: (frame: Frame) => void;
}

/**
 * The board's half of version 2, written for tests: it keeps to `docs/protocol.md` except where its
 * behaviour says otherwise, and remembers what it was sent.
 */
export class ScriptedBoard extends EventEmitter<{ frame: [Frame] }> {
  boot = 1000;
  /** Every frame that reached it, also those it pretends not to have heard. */
  readonly heard: Frame[] = [];
  /** The sources that it ran, in order. */
  readonly ran: string[] = [];
  /** What it has on its flash. */
  readonly files: ScriptedFiles;
  /** What it was updated with. */
  readonly updates: ScriptedUpdates;
  private readonly elsewhere = new Map<string, Set<(frame: Frame) => void>>();
  /** By host and id. */
  private commands = new Map<string, Command>();
  private readonly lost = new Set<number>();

  private constructor(
    private readonly client: MqttClient,
    private readonly prefix: string,
    readonly behaviour: Behaviour,
  ) {
    super();
    this.files = new ScriptedFiles(behaviour);
    this.updates = new ScriptedUpdates(
      {
        files: this.files,
        listen: (topic, take) => this.listen(topic, take),
        announce: () => this.announce('online'),
        restart: () => this.restart(),
      },
      behaviour.updates ?? {},
    );
    client.on('message', (topic, payload) => {
      const frame = decodeFrame(payload);
      const takers = this.elsewhere.get(topic);
      if (takers && frame) for (const take of takers) take(frame);
      else if (frame) this.receive(topic.split('/').at(-1) ?? '', frame);
    });
  }

  static async start(url: string, prefix: string, behaviour: Behaviour = {}) {
    const client = await connectAsync(url, { reconnectPeriod: 50, clientId: `scripted-${prefix}` });
    const board = new ScriptedBoard(client, prefix, behaviour);
    await client.subscribeAsync(`${prefix}/mqb/2/cmd/+`);
    await board.announce('online');
    return board;
  }

  /** Says what it is, as at each connection; or, offline, what its last will says. */
  async announce(status: 'online' | 'offline'): Promise<void> {
    await this.client.publishAsync(`${this.prefix}/mqb/status`, status, { qos: 1, retain: true });
    if (status === 'online') await this.tell();
  }

  /** Its birth message alone. */
  async tell(): Promise<void> {
    const { chunk = 1400, info, answers = {}, updates } = this.behaviour;
    const commands = [...COMMANDS, ...(updates ? UPDATING : []), ...Object.keys(answers)];
    const usual = { wire: 2, do: commands, boot: this.boot, chunk, max: 65536 };
    const birth = JSON.stringify({ ...usual, ...(updates && this.updates.info()), ...info });
    if (this.client.disconnecting) return;
    await this.client.publishAsync(`${this.prefix}/mqb/info`, birth, { qos: 1, retain: true });
  }

  /** Forgets everything and boots anew; says so unless it is to keep quiet about it. */
  async restart({ quietly = false } = {}): Promise<void> {
    this.boot++;
    this.forgetAll();
    if (!quietly) await this.announce('online');
  }

  /** The next frame of this kind that reaches it. */
  async next(kind: FrameKind): Promise<Frame> {
    for (;;) {
      const [frame] = await once(this, 'frame');
      if (frame.kind === kind) return frame;
    }
  }

  count(kind: FrameKind): number {
    return this.heard.filter((frame) => frame.kind === kind).length;
  }

  async stop(): Promise<void> {
    this.forgetAll();
    await this.client.endAsync(true);
  }

  private receive(host: string, frame: Frame): void {
    this.heard.push(frame);
    const { behaviour } = this;
    switch (frame.kind) {
      case 'h':
        if (this.count('h') > (behaviour.ignoresHellos ?? 0)) this.answerHello(host, frame.id);
        break;
      case 'c':
        if (this.count('c') > (behaviour.deafFor ?? 0)) this.takePart(host, frame);
        break;
      case 'a':
        this.resume(host, frame);
        break;
      case 'd':
      case 'g':
        this.commands.get(`${host} ${frame.id}`)?.transfer?.(frame);
        break;
      case 'x':
        this.stopCommand(host, frame.id);
        break;
    }
    this.emit('frame', frame);
  }

  private answerHello(host: string, id: number): void {
    this.send(host, 'H', id, 0, JSON.stringify({ boot: this.boot, ticks: 5000 }));
  }

  private takePart(host: string, { id, n, data, last }: Frame): void {
    const fresh = { id, host, parts: new Map(), end: 0, frames: [], ran: false };
    const command: Command = this.commands.get(`${host} ${id}`) ?? fresh;
    this.commands.set(`${host} ${id}`, command);
    if (command.ran) {
      this.send(host, 'k', id);
      return;
    }
    if (n === this.behaviour.losesPartAt) {
      delete this.behaviour.losesPartAt;
    } else {
      command.parts.set(n, data);
    }
    if (last) command.end = n + data.length;
    let got = 0;
    for (let part = command.parts.get(0); part; part = command.parts.get(got)) got += part.length;
    if (command.end > 0 && got === command.end) this.run(command);
    else if (command.end > 0) this.send(host, 'w', id, got);
  }

  private run(command: Command): void {
    const { id, host, parts } = command;
    const whole = Buffer.concat([...parts].sort(([a], [b]) => a - b).map(([, part]) => part));
    const feed = whole.indexOf('\n');
    const line = JSON.parse(whole.toString('utf8', 0, feed));
    const source = whole.toString('utf8', feed + 1);
    const refusal =
      line.boot === this.boot ? this.behaviour.refuses?.shift() : 'restarted this is another boot';
    if (refusal) {
      this.commands.delete(`${host} ${id}`);
      this.send(host, 'r', id, 0, refusal);
      return;
    }
    command.ran = true;
    this.ran.push(line.do === 'eval' ? source : line.do);
    if (line.do === 'eval') {
      this.reply(command, this.behaviour.runs?.(source, line) ?? { value: '921' });
      return;
    }
    const answer = this.behaviour.answers?.[line.do];
    if (answer) {
      this.reply(command, answer(line));
      return;
    }
    const exchange: Exchange = {
      reply: (script) => this.reply(command, script),
      send: (kind, n, data, marked) => {
        this.publish(host, encodeFrame(kind, id, n, data, false, marked));
      },
    };
    command.transfer = UPDATING.includes(line.do)
      ? this.updates.run(line, exchange)
      : this.files.run(line, whole.subarray(feed + 1), exchange);
  }

  private listen(topic: string, take: (frame: Frame) => void): () => void {
    const takers = this.elsewhere.get(topic) ?? new Set();
    this.elsewhere.set(topic, takers.add(take));
    this.client.subscribe(topic);
    return () => {
      takers.delete(take);
    };
  }

  private reply(command: Command, { output = [], value, exception, failure }: Script): void {
    const frames: Array<[FrameKind, string | Buffer]> = output.map((text) => ['o', text]);
    if (value !== undefined) frames.push(['v', value]);
    if (exception !== undefined) frames.push(['e', exception]);
    if (failure !== undefined) frames.push(['f', failure]);
    const from = command.frames.length;
    for (const [index, [kind, data]] of frames.entries()) {
      const last = kind !== 'o' && index === frames.length - 1;
      const n = command.frames.length;
      command.frames.push(encodeFrame(kind, command.id, n, Buffer.from(data as string), last));
    }
    if (command.frames.at(-1)?.[1] !== 1) this.send(command.host, 'k', command.id);
    this.sendFrom(command, from, this.behaviour.stopsAfter);
  }

  private forgetAll(): void {
    this.commands.clear();
    this.files.close();
  }

  private resume(host: string, { id, n }: Frame): void {
    const command = this.commands.get(`${host} ${id}`);
    if (!command) return;
    if (n < command.frames.length) this.sendFrom(command, n);
    else if (command.frames.at(-1)?.[1] !== 1) this.send(command.host, 'k', id);
  }

  private sendFrom(command: Command, from: number, limit = Number.POSITIVE_INFINITY): void {
    const { losesOnce = [], forgets = [] } = this.behaviour;
    command.frames.slice(from, from + limit).forEach((frame, index) => {
      const n = from + index;
      if (forgets.includes(n)) return;
      if (losesOnce.includes(n) && !this.lost.has(n)) {
        this.lost.add(n);
        return;
      }
      this.publish(command.host, frame);
    });
  }

  private stopCommand(host: string, id: number): void {
    const command = this.commands.get(`${host} ${id}`);
    if (!command) return;
    this.publish(command.host, encodeFrame('s', id, command.frames.length, undefined, true));
  }

  private send(host: string, kind: FrameKind, id: number, n = 0, text = ''): void {
    this.publish(host, encodeFrame(kind, id, n, Buffer.from(text), kind === 'r'));
  }

  private publish(host: string, frame: Buffer): void {
    const times = this.behaviour.answersTwice ? 2 : 1;
    for (let time = 0; time < times; time++) {
      this.client.publish(`${this.prefix}/mqb/2/reply/${host}`, frame);
    }
  }
}
