import { sha256 } from './contents';
import type { FileHost, Outcome, PutSteps } from './file-host';

/** Files by path. */
export type Files = Record<string, Buffer | string>;

export interface ReleaseHead {
  slot?: string;
  name?: string;
  version: string;
  needs?: object;
  partial?: boolean;
}

/** A manifest of these files, as the wire has it, and their contents in its order. */
export function release(head: ReleaseHead, files: Files) {
  const sorted = Object.entries(files)
    .map(([path, data]) => ({ path, data: Buffer.from(data) }))
    .sort((one, other) => Buffer.compare(Buffer.from(one.path), Buffer.from(other.path)));
  const lines = sorted.map(({ path, data }) => `${sha256(data)} ${data.length} ${path}`);
  const first = JSON.stringify({ slot: 'app', name: 'test', ...head });
  return {
    slot: head.slot ?? 'app',
    text: Buffer.from(`${[first, ...lines].join('\n')}\n`),
    contents: sorted.map(({ data }) => data),
  };
}

/** A birth message, as it comes. */
// biome-ignore lint/suspicious/noExplicitAny: of tests, which say what they expect of it
export type Info = any;

export type Release = ReturnType<typeof release>;

/** The steps of an update, as a host takes them. */
export class ReleaseHost {
  constructor(readonly files: FileHost) {}

  async stage({ slot, text }: Release): Promise<{ missing: number[]; bytes: number; same?: true }> {
    await this.files.put(`/release/${slot}/next`, text, { head: { parents: true } });
    return this.files.value('release', { step: 'stage', slot });
  }

  /** Sends these files; `share` goes with the command. */
  async fetch(
    { slot, contents }: Release,
    files: number[],
    steps: PutSteps & { share?: object } = {},
  ): Promise<Outcome> {
    const data = Buffer.concat(files.map((file) => contents[file] ?? Buffer.alloc(0)));
    const { share, ...sending } = steps;
    const head = { step: 'fetch', slot, files, size: data.length, sha: sha256(data), share };
    return this.files.serve(this.files.begin('release', head), data, sending);
  }

  /** Stages, sends what is missing, and asks for a trial. */
  async update(release: Release, id: string): Promise<void> {
    const { missing } = await this.stage(release);
    if (missing.length) {
      const { kind, text } = await this.fetch(release, missing);
      if (kind !== 'v') throw new Error(`fetch ended with ${kind} ${text}`);
    }
    await this.files.value('release', { step: 'try', slot: release.slot, id });
  }

  /** The board is back, and may be commanded; its birth message. */
  async restarted() {
    const before = this.files.boot;
    for (;;) {
      const { payload } = await this.files.raw.message(({ topic }) => topic.endsWith('/mqb/info'));
      const info = JSON.parse(payload.toString());
      if (info.boot === before) continue;
      await this.files.raw.message(({ payload: status }) => status.toString() === 'online');
      await this.files.hello();
      return info;
    }
  }

  /** The birth message that is `wanted`: the latest, or one that comes. */
  async info(wanted: (info: Info) => boolean = () => true): Promise<Info> {
    const topic = `${this.files.prefix}/mqb/info`;
    const { client } = this.files.raw;
    await client.unsubscribeAsync(topic);
    const found = new Promise<Info>((resolve) => {
      const heard = (name: string, data: Buffer) => {
        if (name !== topic) return;
        const info = JSON.parse(data.toString());
        if (!wanted(info)) return;
        client.off('message', heard);
        resolve(info);
      };
      client.on('message', heard);
    });
    await client.subscribeAsync(topic, { qos: 1 });
    return found;
  }

  /** What is at these paths; null: nothing. */
  async read(...paths: string[]): Promise<(string | null)[]> {
    return Promise.all(
      paths.map(async (path) => {
        const { kind, data } = await this.files.get(path);
        return kind === 'v' ? data.toString() : null;
      }),
    );
  }
}
