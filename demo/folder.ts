import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Holds the id of the process that uses the folder. */
const OWNER = 'pid';

export interface ClaimedFolder {
  folder: string;
  /** Lets the next demo have it. */
  release: () => void;
}

/**
 * A folder that no other demo uses: the preferred one, or the first of `NAME-2`, `NAME-3`, ... Two
 * demos in one would share the flash of their boards, and write over each other's flows.
 */
export function claimFolder(preferred: string): ClaimedFolder {
  for (let number = 1; ; number++) {
    const folder = number === 1 ? preferred : `${preferred}-${number}`;
    mkdirSync(folder, { recursive: true });
    const owner = join(folder, OWNER);
    if (claim(owner)) return { folder, release: () => rmSync(owner, { force: true }) };
  }
}

function claim(owner: string): boolean {
  if (existsSync(owner) && !isRunning(Number(readFileSync(owner, 'utf8')))) rmSync(owner);
  try {
    // Of two that start together, one creates the file.
    writeFileSync(owner, `${process.pid}`, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}

function isRunning(pid: number): boolean {
  try {
    // Signal 0 only asks.
    process.kill(pid, 0);
    return pid > 0;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
