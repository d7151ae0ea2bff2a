import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { FleetMemory } from './types';

/**
 * Keeps a fleet's memory in a file, as JSON. It is written beside its place and renamed, so that it is
 * always whole; one that cannot be read is put aside as `<path>.broken`.
 */
export function fileMemory(path: string): FleetMemory {
  return {
    async load() {
      let text: string;
      try {
        text = await readFile(path, 'utf8');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
      try {
        return JSON.parse(text);
      } catch {
        await rename(path, `${path}.broken`);
        return undefined;
      }
    },
    async save(state) {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(`${path}.new`, JSON.stringify(state));
      await rename(`${path}.new`, path);
    },
  };
}
