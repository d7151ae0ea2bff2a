import { createHash } from 'node:crypto';
import { parseManifest } from '../../core/protocol/manifest';
import { sha256 } from './contents';
import type { Script } from './scripted-board';
import type { Exchange, ScriptedFiles, Take } from './scripted-files';
import { pull } from './scripted-pull';

export interface UpdatesBehaviour {
  /** What becomes of a trial. Default: it is confirmed. With `never` nothing does. */
  becomes?: 'confirmed' | 'never' | { why: string; crash?: string };
  /**
   * How its first `try`s go wrong: before it has noted it, or after, it restarts without an answer; `untold`: and its
   * birth message does not speak of it before it has refused something else for it.
   */
  restartsAtTry?: Array<'before' | 'after' | 'untold'>;
  /** Takes so long to compare what is there. Milliseconds. */
  stagesFor?: number;
  /** Takes so long to look at what it has fetched. Milliseconds. */
  fetchesFor?: number;
  /** Fails at these steps, with a code and a sentence, once each. */
  failsAt?: Record<string, string>;
  /** The image that runs. Without one it takes none. */
  running?: Buffer;
  /** How much it takes without asking again. */
  window?: number;
  /** Loses frames of what is sent for all: the first time, those that begin at these offsets. */
  missesShared?: number[];
  /** Says nothing more in a transfer once it has so many bytes. */
  stuckAt?: number;
}

/** What of the board it needs. */
export interface UpdatedBoard {
  readonly files: ScriptedFiles;
  listen(topic: string, take: Take): () => void;
  announce(): Promise<void>;
  restart(): Promise<void>;
}

type Line = Record<string, unknown> & { do: string; step: string; slot: string; id: string };

const json = (value: unknown): Script => ({ value: JSON.stringify(value) });

/** Releases and images of a scripted board, by `docs/protocol.md`. */
export class ScriptedUpdates {
  readonly releases: Record<
    string,
    { name: string; version: string; text: string; before?: string }
  > = {};
  /** Steps that it carried out, in order: `stage app`, `write image`, ... */
  readonly steps: string[] = [];
  update: Record<string, unknown> | undefined;
  /** What was written of an image. */
  written: Buffer | undefined;
  private isUntold = false;
  private readonly staged = new Map<string, Buffer>();

  constructor(
    private readonly board: UpdatedBoard,
    readonly behaviour: UpdatesBehaviour,
  ) {}

  /** Its keys of the birth message. */
  info(): Record<string, unknown> {
    const { update, releases, behaviour } = this;
    const shown = Object.entries(releases).map(([slot, { name, version }]) => {
      return [slot, { name, version }];
    });
    return {
      mode: update?.state === 'trial' ? 'trial' : 'normal',
      releases: Object.fromEntries(shown),
      ...(update && !this.isUntold && { update }),
      ...(behaviour.running && { image: { slot: 'ota_0', size: 2 ** 21, chip: 0 } }),
    };
  }

  run(line: Line, exchange: Exchange): Take {
    const { step, slot = 'image' } = line;
    this.steps.push(`${step} ${slot}`);
    const failure = this.behaviour.failsAt?.[step];
    if (failure !== undefined) {
      delete this.behaviour.failsAt?.[step];
      exchange.reply({ failure });
      return () => {};
    }
    if (step === 'stage' && this.isUntold) {
      this.isUntold = false;
      const failure = 'trial this is on trial';
      void this.board.announce().then(() => exchange.reply({ failure }));
      setTimeout(() => this.decide(), 100);
      return () => {};
    }
    if (step === 'stage') {
      setTimeout(() => exchange.reply(this.stage(slot)), this.behaviour.stagesFor ?? 0);
      return () => {};
    }
    if (step === 'fetch') return this.fetch(line, exchange);
    if (step === 'write') return this.write(line, exchange);
    if (step === 'try' || step === 'undo') this.tryIt(line, exchange);
    else exchange.reply(this.brief(line));
    return () => {};
  }

  /** What is on trial proves itself, or does not. */
  decide(): void {
    const { becomes = 'confirmed' } = this.behaviour;
    if (this.update?.state !== 'trial' || becomes === 'never') return;
    const state = becomes === 'confirmed' ? { state: becomes } : { state: 'undone', ...becomes };
    this.update = { ...this.update, ...state };
    void this.board.announce();
  }

  private brief({ step, id }: Line): Script {
    switch (step) {
      case 'list':
        return json({ slots: this.releases, update: this.update, free: 1000 });
      case 'hashes': {
        const hashes = blocks(this.behaviour.running ?? Buffer.alloc(0)).map((block) => {
          const erased = Buffer.alloc(4096 - block.length, 0xff);
          return createHash('sha256').update(block).update(erased).digest('hex').slice(0, 8);
        });
        return { output: [hashes.join('')], value: JSON.stringify({ blocks: hashes.length }) };
      }
      case 'confirm':
        if (id !== undefined && id !== this.update?.id) return { failure: 'missing no such trial' };
        if (this.update) this.update = { ...this.update, state: 'confirmed' };
        void this.board.announce();
        return json({});
      default:
        return json({});
    }
  }

  private manifest(slot: string) {
    const text = this.board.files.content.get(`/release/${slot}/next`)?.toString() ?? '';
    return { text, ...parseManifest(text) };
  }

  private stage(slot: string): Script {
    const { text, files } = this.manifest(slot);
    if (this.releases[slot]?.text === text) return json({ missing: [], bytes: 0, same: true });
    const missing = [...files.keys()].filter((file) => !this.staged.has(files[file]?.sha256 ?? ''));
    return json({
      missing,
      bytes: missing.reduce((sum, file) => sum + (files[file]?.size ?? 0), 0),
    });
  }

  private fetch(line: Line, exchange: Exchange): Take {
    const { files } = this.manifest(line.slot);
    const wanted = (line.files as number[]).flatMap((file) => files[file] ?? []);
    const keep = (bytes: Buffer) => {
      let at = 0;
      for (const { size, sha256: sha } of wanted) {
        const data = bytes.subarray(at, at + size);
        if (data.length === size && sha256(data) === sha) this.staged.set(sha, data);
        at += size;
      }
    };
    return this.receive(line, exchange, Number(line.size), keep, (whole) => {
      const isGood = sha256(whole) === line.sha;
      const answer = isGood ? json({ size: line.size }) : { failure: 'corrupt SHA-256 differs' };
      setTimeout(() => exchange.reply(answer), this.behaviour.fetchesFor ?? 0);
    });
  }

  private write(line: Line, exchange: Exchange): Take {
    const {
      size,
      sha,
      copies = [],
      patch = size,
    } = line as unknown as {
      size: number;
      sha: string;
      copies?: [number, number, number][];
      patch?: number;
    };
    const running = blocks(this.behaviour.running ?? Buffer.alloc(0));
    return this.receive(
      line,
      exchange,
      patch,
      () => {},
      (whole) => {
        const parts = blocks(whole);
        const image: Buffer[] = [];
        for (let at = 0; at * 4096 < size; at++) {
          const run = copies.find(([to, , count]) => at >= to && at < to + count);
          image.push((run ? running[run[1] + at - run[0]] : parts.shift()) ?? Buffer.alloc(0));
        }
        const written = Buffer.concat(image).subarray(0, size);
        if (sha256(written) !== sha) return exchange.reply({ failure: 'corrupt SHA-256 differs' });
        this.written = written;
        exchange.reply(json({ size, at: 0 }));
      },
    );
  }

  private receive(
    line: Line,
    exchange: Exchange,
    size: number,
    onTaken: (bytes: Buffer) => void,
    finish: (whole: Buffer) => void,
  ): Take {
    const { window = 4096, missesShared = [], stuckAt = Number.POSITIVE_INFINITY } = this.behaviour;
    let isStuck = false;
    const send: Exchange['send'] = (...frame) => isStuck || exchange.send(...frame);
    const take = pull(
      { ...exchange, send },
      {
        ...{ size, begin: Buffer.alloc(0), window },
        every: (milliseconds, action) => this.board.files.every(milliseconds, action),
        onTaken: (bytes) => {
          isStuck ||= bytes.length >= stuckAt;
          onTaken(bytes);
        },
        finish: (whole) => {
          leave();
          finish(whole);
        },
      },
    );
    const share = line.share as { topic: string; id: number } | undefined;
    let leave = () => {};
    if (share) {
      leave = this.board.listen(share.topic, (frame) => {
        if (frame.id !== share.id) return;
        const missed = missesShared.indexOf(frame.n);
        if (missed < 0) take(frame);
        else missesShared.splice(missed, 1);
      });
    }
    return take;
  }

  private tryIt({ step, do: command, slot, id, version }: Line, { reply }: Exchange): void {
    const wrong = this.behaviour.restartsAtTry?.shift();
    this.isUntold = wrong === 'untold';
    const what = command === 'ota' ? 'image' : slot;
    if (wrong !== 'before') {
      const {
        name,
        text,
        version: next,
      } = what === 'image' || step === 'undo'
        ? { name: 'image', text: '', version: version ?? this.releases[slot]?.before ?? '' }
        : this.manifest(slot);
      const before = this.releases[slot]?.version;
      this.update = { id, what, version: next, state: 'trial' };
      if (what === 'image') this.behaviour.running = this.written ?? Buffer.alloc(0);
      else this.releases[slot] = { name, text, version: String(next), ...(before && { before }) };
    }
    if (!wrong) reply(json({}));
    setTimeout(async () => {
      await this.board.restart();
      if (!this.isUntold) setTimeout(() => this.decide(), 30);
    }, 20);
  }
}

function blocks(data: Buffer): Buffer[] {
  const count = Math.ceil(data.length / 4096);
  return [...Array(count).keys()].map((at) => data.subarray(at * 4096, (at + 1) * 4096));
}
