import type { Board } from '../board/board';
import type { FileOptions } from '../board/files/types';
import { BoardFileError } from '../protocol/file-errors';
import { inParallel } from './in-parallel';
import { OverallProgress } from './overall-progress';
import { patiently } from './patiently';
import type { Plan, PlannedPut } from './plan';
import type { SyncAction, SyncOptions } from './types';

/** One is being hashed on the board while the next one is on its way. */
const AT_A_TIME = 2;
/** As long as a transfer waits for a board that is away. */
const PATIENCE_MS = 60_000;

/**
 * Does what was planned: folders, files, and last of all what is removed, so that a board that is interrupted
 * has rather too much than too little. Where the flash has no room, what is extra goes earlier.
 */
export async function carryOut(
  board: Board,
  plan: Plan,
  { signal, timeoutMs, onProgress }: SyncOptions,
  done: (action: SyncAction) => void,
): Promise<void> {
  const patience = timeoutMs ?? PATIENCE_MS;
  const common: FileOptions = { timeoutMs: patience, ...(signal && { signal }) };
  const total = plan.puts.reduce((sum, { content }) => sum + content.length, 0);
  const progress = new OverallProgress(total, (now) => onProgress?.(now));
  const noRoom: PlannedPut[] = [];

  const removeAll = async (actions: SyncAction[]) => {
    for (const action of actions) {
      await patiently(patience, signal, () => remove(board, action, common));
      done(action);
    }
  };
  const put = async ({ action, content, twin }: PlannedPut, stop: AbortSignal) => {
    const { path } = action;
    const { wireBytes } = await board.put(path, content, {
      ...{ timeoutMs: patience, signal: stop, parents: true },
      onProgress: (now) => progress.reached(path, now.bytes),
    });
    progress.reached(path, content.length);
    done({ ...action, wireBytes });
    if (twin) await removeAll([twin]);
  };

  await removeAll(plan.inTheWay);
  for (const action of plan.folders) {
    const make = () => board.mkdir(action.path, { ...common, parents: true });
    await patiently(patience, signal, make);
    done(action);
  }
  await inParallel(plan.puts, AT_A_TIME, signal, async (planned, stop) => {
    try {
      await put(planned, stop);
    } catch (error) {
      const isFull = error instanceof BoardFileError && error.reason === 'full';
      if (!isFull || plan.removals.length === 0) throw error;
      noRoom.push(planned);
    }
  });
  await removeAll(plan.removals);
  await inParallel(noRoom, 1, signal, put);
}

async function remove(board: Board, { path, type, reason }: SyncAction, options: FileOptions) {
  const what = reason === 'in the way' ? 'all' : (type ?? 'file');
  try {
    await board.remove(path, { ...options, what });
  } catch (error) {
    // Gone already is as good.
    if (!(error instanceof BoardFileError && error.reason === 'missing')) throw error;
  }
}
