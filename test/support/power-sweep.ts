import { randomInt } from 'node:crypto';
import {
  type Board,
  BoardOfflineError,
  BoardRestartedError,
  type FileEntry,
} from '../../core/index';
import type { VirtualBoard } from '../../simulator';
import { started } from './stage';

/** After how many changes of the flash the next cut is, where `MQBOARD_SWEEP=all` tries each. */
export const stride = (step: number) => (process.env.MQBOARD_SWEEP === 'all' ? 1 : step);

/** SHA-256 by path, of every file that a board shows. */
export type Shown = Map<string, string>;

export interface Cut {
  /** Block writes until the power fails. */
  writes: number;
  torn: boolean;
}

/** A board whose power fails in the middle of what is done with it, again and again. */
export class DoomedBoard {
  constructor(
    private readonly virtual: VirtualBoard,
    readonly board: Board,
  ) {}

  /**
   * Lets the power fail during `work`, gives the work up, and starts the board again. False, when the
   * work was over before.
   */
  async cutDuring(cut: Cut, work: (signal: AbortSignal) => Promise<unknown>): Promise<boolean> {
    const host = new AbortController();
    const failed = new Promise<true>((resolve) =>
      this.virtual.once('power-cut', () => resolve(true)),
    );
    this.virtual.cutPowerAfter(cut.writes, { torn: cut.torn });
    const working = work(host.signal).then(() => false);
    const wasCut = await Promise.race([failed, working]);
    host.abort();
    await working.catch((error) => {
      if (error.code !== 'ABORTED') throw error;
    });
    if (!wasCut) await this.virtual.powerCut();
    this.virtual.removeAllListeners('power-cut');
    await started(this.virtual);
    return wasCut;
  }

  async show(): Promise<Shown> {
    const entries = await onceBack(() => this.board.list('/', { recursive: true, hash: true }));
    return shown(entries);
  }
}

/** A board that has just restarted may be taken for offline until its birth message is here. */
export async function onceBack<T>(call: () => Promise<T>): Promise<T> {
  for (const deadline = Date.now() + 20_000; ; ) {
    try {
      return await call();
    } catch (error) {
      const passing = error instanceof BoardOfflineError || error instanceof BoardRestartedError;
      if (!passing || Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

function shown(entries: FileEntry[]): Shown {
  const files = entries.filter(({ type }) => type === 'file');
  return new Map(files.map(({ path, sha256 = '' }) => [path, sha256]));
}

/**
 * Tries `attempt` with a cut after some of the first `step` block writes, after `step` more, and so on,
 * until each board gets through uncut twice in a row: once in each direction, where the attempts go to and fro. Every
 * fourth is tried with a torn write as well. The boards share the work. Returns the number of cuts.
 */
export async function sweep<T = DoomedBoard>(
  boards: T[],
  attempt: (board: T, cut: Cut) => Promise<boolean>,
  step = 1,
): Promise<number> {
  const first = 1 + randomInt(step);
  let tries = 0;
  let cuts = 0;
  const tryOnce = async (board: T, cut: Cut) => {
    const wasCut = await attempt(board, cut);
    if (wasCut) cuts += 1;
    return wasCut;
  };
  const work = async (board: T) => {
    for (let through = 0; through < 2; ) {
      const mine = ++tries;
      const writes = first + (mine - 1) * step;
      through = (await tryOnce(board, { writes, torn: false })) ? 0 : through + 1;
      if (mine % 4 === 0) await tryOnce(board, { writes, torn: true });
    }
  };
  await Promise.all(boards.map(work));
  return cuts;
}
