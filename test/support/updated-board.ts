import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Board, buildRelease, type Connection, type Release } from '../../core/index';
import type { VirtualBoard, VirtualBoardOptions } from '../../simulator';
import type { Workbench } from '../core/support';
import { onceBack } from './power-sweep';
import { boardAt, type Stage, started } from './stage';

/** A trial ends as soon as the board was reached once; an interval of the loop takes 2.5 s. */
export const QUICK_TRIALS = `
update = {"confirm": 0, "minutes": 1}
watchdog = {"timeout": 10}
mark = "first"
try:
    __import__("os").stat("/src/shed.py")
    modules.append("shed")
except OSError:
    pass
`;

/** An application: a module that is started, and files that stay, change, come and go with its versions. */
export function application(version: string, more: Record<string, string> = {}): Promise<Release> {
  const isFirst = version.endsWith('1');
  const lines = Array.from({ length: 40 }, (_, i) => `${version} ${i}`);
  const files: Record<string, string> = {
    'shed.py': `version = ${JSON.stringify(version)}\n\ndef start(mqtt, config):\n    pass\n`,
    'heat/curve.py': `table = ${JSON.stringify(lines)}\n`,
    'heat/common.py': `# the same in each version\n${'# and so on\n'.repeat(30)}`,
    ...(isFirst ? { 'old/leaves.py': 'gone = False\n' } : { 'fresh/comes.py': 'here = True\n' }),
    ...more,
  };
  return buildRelease({
    slot: 'app',
    name: 'shed',
    version,
    files: Object.entries(files).map(([path, data]) => ({ path, data })),
  });
}

/** The board's configuration as it is, with another value of `mark`. */
export async function configuration(board: Board, mark: string): Promise<Release> {
  const { value } = await board.eval('open("/board_config.py").read()');
  const text = String(value).replace(/^mark = .*$/m, `mark = ${JSON.stringify(mark)}`);
  return buildRelease({
    slot: 'config',
    name: 'shed',
    version: mark,
    files: [{ path: 'board_config.py', data: text }],
  });
}

export interface Updatable {
  virtual: VirtualBoard;
  board: Board;
}

/** A board, over and over again: its flash is a copy of one that was prepared. */
export class Flashes {
  private copies = 0;

  constructor(
    private readonly stage: Stage,
    private readonly bench: Workbench,
    private readonly connection: Connection,
    private readonly folder: string,
    private readonly options: Partial<VirtualBoardOptions> & { prefix: string },
  ) {}

  /** Makes a flash by what is done to a board, new or with a flash that was prepared; it is left without power. */
  async prepare(
    name: string,
    work: (made: Updatable) => Promise<unknown>,
    from?: string,
  ): Promise<void> {
    if (from) this.copy(from, name);
    const made = this.board(name);
    await started(made.virtual);
    await onceBack(() => made.board.eval('1'));
    await work(made);
    await made.virtual.powerCut();
    made.board.close();
  }

  /** A board of its own, that is on; `work` is done with it, then it is thrown away. */
  async with<T>(prepared: string, work: (made: Updatable) => Promise<T>): Promise<T> {
    const name = `${prepared}-${this.copies++}`;
    this.copy(prepared, name);
    const made = this.board(name);
    try {
      await started(made.virtual);
      return await work(made);
    } catch (error) {
      const lines = made.virtual.lines.slice(-30).join('\n  ');
      (error as Error).message += `\nThe board's last lines:\n  ${lines}`;
      throw error;
    } finally {
      await made.virtual.stop();
      made.board.close();
      rmSync(this.path(name), { recursive: true });
    }
  }

  private copy(from: string, to: string): void {
    cpSync(this.path(from), this.path(to), { recursive: true });
  }

  private board(name: string): Updatable {
    const { stage, bench, options } = this;
    const flash = this.path(name);
    const virtual = boardAt(stage, bench, { flash, config: QUICK_TRIALS, ...options });
    return { virtual, board: bench.board(this.connection, options.prefix) };
  }

  private path(name: string): string {
    return join(this.folder, `${this.options.prefix.replaceAll('/', '-')}-${name}`);
  }
}
