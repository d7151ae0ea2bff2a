import type { Frame, TransferKind } from '../../core/protocol/frame';
import { decodeGoOn } from '../../core/protocol/go-on';
import { sha256 } from './contents';
import type { Script } from './scripted-board';
import { pull } from './scripted-pull';

export interface FilesBehaviour {
  /** Files and what is in them; the folders above are there, too. */
  files?: Record<string, string | Buffer>;
  /** How much of a file it takes without asking again. */
  window?: number;
  /** Loses frames of a transfer: those, of both directions, for which this returns true. */
  losesOnTheWay?: (direction: 'in' | 'out', kind: TransferKind, n: number) => boolean;
  /** Called with each `d` that it has taken, and what it has then of the file. */
  onTaken?: (received: number) => void;
  /** Fails its first file commands, with these texts. */
  fails?: string[];
  /** Answers these commands so, whatever is asked. */
  says?: Record<string, Script>;
  /** Spoils the last byte of what it stores, so many times. */
  spoils?: number;
  /** Sends another first byte than the one it has, in its first so many gets. */
  garbles?: number;
}

/** What a file command may do with its exchange. */
export interface Exchange {
  reply(script: Script): void;
  send(kind: TransferKind, n: number, data: Buffer, marked: boolean): void;
}

type Line = Record<string, unknown> & { do: string; path: string };
export type Take = (frame: Frame) => void;

const json = (value: unknown): Script => ({ value: JSON.stringify(value) });

/** The files of a scripted board, by `docs/protocol.md`. Its folders are what its files are in. */
export class ScriptedFiles {
  readonly content = new Map<string, Buffer>();
  readonly folders = new Set<string>(['']);
  /** What is left over of puts that did not end, by path and SHA-256. */
  readonly parts = new Map<string, Buffer>();
  private readonly timers = new Set<NodeJS.Timeout>();

  constructor(private readonly behaviour: FilesBehaviour) {
    for (const [path, data] of Object.entries(behaviour.files ?? {})) {
      this.makeFolders(path);
      this.content.set(path, Buffer.from(data as string));
    }
  }

  /** Ends all transfers without a word. */
  close(): void {
    for (const timer of this.timers) clearInterval(timer);
    this.timers.clear();
  }

  /** Carries a command out; returns what takes the frames of its transfer. */
  run(line: Line, body: Buffer, exchange: Exchange): Take {
    const failure = this.behaviour.fails?.shift();
    if (failure !== undefined) {
      exchange.reply({ failure });
      return () => {};
    }
    const said = this.behaviour.says?.[line.do];
    if (said) {
      exchange.reply(said);
      return () => {};
    }
    const lossy: Exchange = {
      ...exchange,
      send: (kind, n, data, marked) => {
        if (!this.behaviour.losesOnTheWay?.('out', kind, n)) exchange.send(kind, n, data, marked);
      },
    };
    let take: Take = () => {};
    if (line.do === 'put') take = this.put(line, body, lossy);
    else if (line.do === 'get') take = this.get(line, lossy);
    else exchange.reply(this.brief(line));
    return (frame) => {
      const kind = frame.kind as TransferKind;
      if (!this.behaviour.losesOnTheWay?.('in', kind, frame.n)) take(frame);
    };
  }

  private put(line: Line, body: Buffer, exchange: Exchange): Take {
    const { reply } = exchange;
    const { window = 4096 } = this.behaviour;
    const [size, sha] = [Number(line.size), String(line.sha)];
    const there = this.content.get(line.path);
    if (there && sha256(there) === sha) {
      reply(json({ size, at: 0, same: true }));
      return () => {};
    }
    if (this.folders.has(line.path)) {
      reply({ failure: 'folder a folder has this name' });
      return () => {};
    }
    if (line.parents) this.makeFolders(line.path);
    const key = `${line.path} ${sha}`;
    const begin = this.parts.get(key) ?? body;
    const at = this.parts.get(key)?.length ?? 0;
    return pull(exchange, {
      size,
      begin,
      window,
      every: (milliseconds, action) => this.every(milliseconds, action),
      onTaken: (bytes) => {
        this.parts.set(key, bytes);
        this.behaviour.onTaken?.(bytes.length);
      },
      finish: (bytes) => {
        const whole = Buffer.from(bytes);
        if (this.behaviour.spoils) {
          this.behaviour.spoils--;
          whole[size - 1] = (whole[size - 1] ?? 0) ^ 255;
        }
        this.parts.delete(key);
        if (sha256(whole) !== sha) return reply({ failure: 'corrupt its SHA-256 differs' });
        this.content.set(line.path, whole);
        reply(json({ size, at }));
      },
    });
  }

  private get(line: Line, { reply, send }: Exchange): Take {
    const data = this.content.get(line.path);
    if (!data) {
      reply({ failure: 'missing there is no such file' });
      return () => {};
    }
    const size = data.length;
    const had = Number(line.at ?? 0);
    const goesOn = had <= size && sha256(data.subarray(0, had)) === line.sha;
    let at = goesOn ? had : 0;
    const sent = Buffer.from(data);
    if (this.behaviour.garbles) {
      this.behaviour.garbles--;
      sent[0] = (sent[0] ?? 0) ^ 255;
    }
    reply({ output: [JSON.stringify({ size, at })] });
    return ({ kind, n, data: asked, marked }) => {
      const goOn = kind === 'g' ? decodeGoOn(asked) : undefined;
      if (!goOn) return;
      if (n === size) return reply(json({ size, sha: sha256(data) }));
      at = marked ? n : Math.max(at, n);
      while (at < Math.min(goOn.end, size)) {
        const next = Math.min(at + Math.min(goOn.chunk, 1000), goOn.end, size);
        send('d', at, sent.subarray(at, next), false);
        at = next;
      }
    };
  }

  private brief(line: Line): Script {
    const { path } = line;
    const data = this.content.get(path);
    const folder = path === '/' ? '' : path;
    if (!data && !this.folders.has(folder) && line.do !== 'mkdir') {
      return { failure: 'missing there is nothing of this name' };
    }
    switch (line.do) {
      case 'list':
        return this.list(folder, line);
      case 'stat':
        return data
          ? json({ type: 'file', size: data.length, mtime: 1_700_000_000 })
          : json({ type: 'folder', total: 4096, free: 1024 });
      case 'hash':
        if (!data) return { failure: 'folder it is a folder' };
        return json({ size: data.length, sha: sha256(data) });
      case 'mkdir':
        if (this.folders.has(folder) && !line.parents) return { failure: 'exists it is there' };
        this.makeFolders(`${path}/x`);
        return json({ made: 1 });
      case 'rename':
        this.content.set(String(line.to), data ?? Buffer.alloc(0));
        this.content.delete(path);
        return json({});
      default:
        return this.remove(folder, line);
    }
  }

  private list(folder: string, line: Line): Script {
    const single = this.content.get(folder);
    const below = (path: string) => path.slice(folder.length + 1);
    const shown = (path: string) =>
      path.startsWith(`${folder}/`) && (line.deep === true || !below(path).includes('/'));
    const folders = [...this.folders].filter((path) => path !== folder && shown(path));
    const files = [...this.content].filter(([path]) => shown(path));
    const entry = (name: string, data: Buffer) =>
      line.sha ? [name, data.length, sha256(data)] : [name, data.length];
    const entries = single
      ? [entry('', single)]
      : [
          ...folders.map((path) => [`${below(path)}/`]),
          ...files.map(([path, data]) => entry(below(path), data)),
        ];
    const output = entries.map((each) => `${JSON.stringify(each)}\n`);
    return { output, value: JSON.stringify({ entries: entries.length }) };
  }

  private remove(folder: string, line: Line): Script {
    const inside = (path: string) => path === folder || path.startsWith(`${folder}/`);
    const files = [...this.content.keys()].filter(inside);
    const folders = [...this.folders].filter(inside);
    if (line.what === 'file' && folders.length > 0) return { failure: 'folder it is a folder' };
    if (line.what === 'folder' && files.length + folders.length > 1) {
      return { failure: 'notempty something is in it' };
    }
    for (const path of files) this.content.delete(path);
    for (const path of folders) this.folders.delete(path);
    return json({ removed: files.length + folders.length });
  }

  private makeFolders(path: string): void {
    const names = path.split('/').slice(1, -1);
    names.forEach((_, index) => {
      this.folders.add(`/${names.slice(0, index + 1).join('/')}`);
    });
  }

  /** Ends with the board. */
  every(milliseconds: number, action: () => void): NodeJS.Timeout {
    const timer = setInterval(action, milliseconds);
    this.timers.add(timer);
    return timer;
  }
}
