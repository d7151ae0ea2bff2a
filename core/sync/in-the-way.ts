import { BoardFileError } from '../protocol/file-errors';
import type { BoardFolder } from './board-folder';
import type { Plan, PlanOptions } from './plan';
import { removal } from './removal';

/** A file where a folder belongs, or a folder where a file does, goes only when removing is allowed. */
export function clearTheWay(plan: Plan, board: BoardFolder, options: PlanOptions): void {
  const blocked = [
    ...plan.folders.filter(({ path }) => board.has(path, 'file')),
    ...plan.puts.map(({ action }) => action).filter(({ path }) => board.has(path, 'folder')),
  ];
  for (const { path, action } of blocked) {
    const below = board.entries.filter((entry) => entry.path.startsWith(`${path}/`));
    const going = new Set(plan.removals.map((entry) => entry.path));
    const isFree = below.every((entry) => going.has(entry.path));
    if (!options.delete || !isFree)
      throw inTheWay(path, options.prefix, action === 'mkdir', isFree);
    plan.removals = plan.removals.filter((entry) => !entry.path.startsWith(`${path}/`));
    plan.inTheWay.push(removal(path, action === 'mkdir' ? 'file' : 'folder', 'in the way'));
  }
}

function inTheWay(
  path: string,
  prefix: string,
  wantsFolder: boolean,
  isFree: boolean,
): BoardFileError {
  const sentence = wantsFolder
    ? 'it is a file, and the sync needs a folder there.'
    : 'it is a folder, and the sync has a file for this place.';
  const advice = isFree ? ' A sync with delete would remove it.' : '';
  return new BoardFileError(wantsFolder ? 'file' : 'folder', path, prefix, sentence + advice);
}
