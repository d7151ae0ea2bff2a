import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { VirtualBoard } from '../simulator/index';

export interface BoardsOptions {
  /** Folder with the flash of each board, kept from one start to the next. */
  folder: string;
  /** The framework's files that go onto an empty flash. */
  firmware: string;
  prefixes: string[];
  url: string;
  /** The broker's authority, PEM. */
  ca: string;
  onLine?: (prefix: string, line: string) => void;
}

/** Vital signs often enough for somebody who looks on, an update proven soon, and an application. */
const CONFIG = `
sysinfo["interval"] = 10
update = {"confirm": 10}
hello = {}
modules.append("hello")
`;

const APPLICATION = {
  '/src/hello.py': 'def start(mqtt, config):\n    print("hello, this is the first version")\n',
};

/** Virtual boards that are switched on and off together. */
export class DemoBoards {
  private constructor(private readonly boards: VirtualBoard[]) {}

  static async start(options: BoardsOptions): Promise<DemoBoards> {
    const { folder, prefixes, url, ca, onLine } = options;
    forgetOutdated(options);
    const boards = prefixes.map((prefix) => {
      const flash = join(folder, flashName(prefix));
      const made = { config: CONFIG, files: APPLICATION };
      const board = new VirtualBoard({ url, ca, prefix, flash, ...made });
      board.on('line', (line) => onLine?.(prefix, line));
      return board;
    });
    const started = new DemoBoards(boards);
    try {
      await Promise.all(boards.map((board) => board.start()));
    } catch (error) {
      await started.stop();
      throw error;
    }
    return started;
  }

  async stop(): Promise<void> {
    await Promise.all(this.boards.map((board) => board.stop()));
  }
}

function flashName(prefix: string): string {
  return prefix.replaceAll('/', '-');
}

/**
 * A board finds on its flash where the broker is, and runs the firmware that it finds there. Where
 * either is not today's any more, it starts with an empty flash instead.
 */
function forgetOutdated({ folder, firmware, prefixes, url, ca }: BoardsOptions): void {
  const hash = createHash('sha256').update(
    JSON.stringify([url, ca, prefixes, CONFIG, APPLICATION]),
  );
  const entries = readdirSync(firmware, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const path of entries) hash.update(path).update(readFileSync(path));
  const stamp = hash.digest('hex');
  const stampFile = join(folder, 'made-from');
  if (readOr(stampFile, '') === stamp) return;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(stampFile, stamp);
}

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return otherwise;
  }
}
