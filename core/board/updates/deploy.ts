import { createHash } from 'node:crypto';
import { BoardRefusedError } from '../../protocol/errors';
import { BoardFileError } from '../../protocol/file-errors';
import type { Release } from '../../protocol/release';
import type { Way } from '../call';
import { ask } from '../files/ask';
import { persist } from '../files/persist';
import { putFile } from '../files/put';
import { missingContent } from './missing-content';
import type { Sending } from './sending';
import type { UpdateOptions, UpdateResult } from './types';
import { callAbout, failedFor, update } from './update';

/** What a board without the command lacks, and what to do. */
export const NO_RELEASES =
  'Its firmware knows no releases: bring it up to date once by sync, or over a cable.';

/** A board has their names and sums in its memory, while it takes them. */
const FILES_AT_ONCE = 32;

/** Brings a release to a board and sees it through its trial. */
export function deploy(way: Way, release: Release, options: UpdateOptions): Promise<UpdateResult> {
  const { manifest, id } = release;
  const { slot, version } = manifest;
  const name = `${manifest.name} ${version}`;
  return update(
    way,
    {
      what: slot,
      version,
      name,
      sha256: id,
      before: (info) => info.releases?.[slot]?.version,
      bring: (sending) => new Deploying(way, release, name, options).bring(sending),
      tryIt: (number) => ({
        do: 'release',
        keys: { step: 'try', slot, id: number },
        unknown: NO_RELEASES,
        failed: failedFor(way, name),
      }),
    },
    options,
  );
}

class Deploying {
  constructor(
    private readonly way: Way,
    private readonly release: Release,
    private readonly name: string,
    private readonly options: UpdateOptions,
  ) {}

  /** Returns true when the board has all of it, in its places. */
  async bring(sending: Sending): Promise<boolean> {
    const { way, release, options } = this;
    this.checkOffered();
    const { timeoutMs, signal } = options;
    const { wireBytes } = await putFile(way, `/release/${this.slot}/next`, release.text, {
      parents: true,
      ...(timeoutMs !== undefined && { timeoutMs }),
      ...(signal && { signal }),
    });
    sending.wireBytes += wireBytes;
    try {
      return await this.send(sending);
    } catch (error) {
      if (error instanceof BoardFileError && error.reason === 'full') await this.drop();
      throw error;
    }
  }

  private get slot() {
    return this.release.manifest.slot;
  }

  /** What can be said without asking the board. */
  private checkOffered(): void {
    const { info } = this.way.presence;
    if (!info?.do.includes('release')) {
      throw new BoardRefusedError('unknown', `it does not offer release. ${NO_RELEASES}`);
    }
    const compiled = this.release.manifest.files.find(({ path }) => path.endsWith('.mpy'));
    if (!compiled || info.bytecode !== undefined) return;
    const words = `${compiled.path} is compiled, and the board does not say that it loads .mpy`;
    throw failedFor(this.way, this.name)('needs', words);
  }

  private send(sending: Sending): Promise<boolean> {
    const { way, release, options, slot } = this;
    return callAbout(way, options, (call) =>
      persist(call, async () => {
        const { same, missing } = await ask(call, {
          ...this.command({ step: 'stage', slot }),
          onHeard: () => call.deadline.renew(),
        });
        if (same === true) return true;
        const all = this.numbers(missing);
        sending.expect(all.reduce((sum, file) => sum + (release.contents[file]?.length ?? 0), 0));
        for (let at = 0; at < all.length; at += FILES_AT_ONCE) {
          const files = all.slice(at, at + FILES_AT_ONCE);
          const bytes = missingContent(release, files);
          const sha = createHash('sha256').update(bytes).digest('hex');
          const keys = { step: 'fetch', slot, files, size: bytes.length, sha };
          await sending.send(call, bytes, this.command(keys));
        }
        return false;
      }),
    );
  }

  /** Gives back the room of what cannot be completed. */
  private async drop(): Promise<void> {
    const { way, slot } = this;
    const drop = this.command({ step: 'drop', slot });
    // That there is no room is what is to be told, whatever becomes of this.
    await callAbout(way, this.options, (call) => ask(call, drop)).catch(() => {});
  }

  private command(keys: Record<string, unknown>) {
    const failed = failedFor(this.way, this.name);
    return { do: 'release', keys, repeatable: true, unknown: NO_RELEASES, failed };
  }

  private numbers(missing: unknown): number[] {
    const { length } = this.release.contents;
    const isRising = (value: unknown, index: number, all: unknown[]) =>
      Number.isInteger(value) &&
      Number(value) < length &&
      Number(value) > Number(all[index - 1] ?? -1);
    if (Array.isArray(missing) && missing.every(isRising)) return missing;
    throw new BoardRefusedError('bad', `it said that ${JSON.stringify(missing)} is missing.`);
  }
}
