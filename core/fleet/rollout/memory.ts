import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileMemory } from '../file-memory';
import type { FleetMemory } from '../types';

/** Keeps a roll-out over a restart of the host: how far it is, and what it sends. */
export interface RolloutMemory extends FleetMemory {
  /** What was saved last; undefined where there is nothing. */
  loadContent(): Promise<Buffer | undefined>;
  /** Undefined: nothing of it is needed any more. */
  saveContent(content: Buffer | undefined): Promise<void>;
}

/** Keeps it in a folder, which is made when it is needed. One folder holds one roll-out at a time. */
export function rolloutMemory(folder: string): RolloutMemory {
  const path = join(folder, 'content');
  return {
    ...fileMemory(join(folder, 'rollout.json')),
    async loadContent() {
      return readFile(path).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw error;
      });
    },
    async saveContent(content) {
      if (!content) return rm(path, { force: true });
      await mkdir(folder, { recursive: true });
      // A configuration has passwords.
      await writeFile(`${path}.new`, content, { mode: 0o600 });
      await rename(`${path}.new`, path);
    },
  };
}
