import type { Board } from '../board/board';
import type { FileOptions } from '../board/files/types';
import { BoardFileError } from '../protocol/file-errors';
import { inParallel } from './in-parallel';
import { OverallProgress } from './overall-progress';
import type { Plan, PlannedPut } from './plan';
import type { SyncAction, SyncOptions } from './types';

/** One is being hashed on the board while the next one is on its way. */
const AT_A_TIME = 2;

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
  const rest: FileOptions = { ...(timeoutMs !== undefined && { timeoutMs }) };
  const common: FileOptions = { ...rest, ...(signal && { signal }) };
  const total = plan.puts.reduce((sum, { content }) => sum + content.length, 0);
  const progress = new OverallProgress(total, (now) => onProgress?.(now));
  const noRoom: PlannedPut[] = [];

  const removeAll = async (actions: SyncAction[]) => {
    for (const action of actions) {
      await remove(board, action, common);
      done(action);
    }
  };
  const put = async ({ action, content, twin }: PlannedPut, stop: AbortSignal) => {
    const { path } = action;
    const { wireBytes } = await board.put(path, content, {
      ...{ ...rest, signal: stop, parents: true },
      onProgress: (now) => progress.of(path, now),
    });
    progress.finished(path, content.length);
    done({ ...action, wireBytes });
    if (twin) await removeAll([twin]);
  };

  for (const action of plan.inTheWay) await removeAll([action]);
  for (const action of plan.folders) {
    await board.mkdir(action.path, { ...common, parents: true });
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
