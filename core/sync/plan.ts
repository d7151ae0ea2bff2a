import { posix } from 'node:path';
import type { BoardFolder } from './board-folder';
import { extraEntries } from './extra';
import type { Ignore } from './ignore';
import { clearTheWay } from './in-the-way';
import type { PreparedFile } from './prepare';
import { removal } from './removal';
import type { Wanted } from './sources';
import type { SyncAction } from './types';

export interface PlannedPut {
  action: SyncAction;
  content: Buffer;
  /** What is removed when it is there. */
  twin: SyncAction | undefined;
}

/** What there is to do, in this order. */
export interface Plan {
  /** Nothing: it is the same, or is left out. */
  settled: SyncAction[];
  /** What must go first, because something of another kind has its name. */
  inTheWay: SyncAction[];
  folders: SyncAction[];
  puts: PlannedPut[];
  /** Twins of what is there already, and what is extra. */
  removals: SyncAction[];
}

export interface PlanOptions {
  /** Of the board, for errors. */
  prefix: string;
  delete: boolean;
  ignore: Ignore;
}

/** MicroPython imports `x.py` before `x.mpy`: of the two only the newer one may stay. */
function twinOf(path: string): string | undefined {
  const match = /^(.*\/[^/]+)\.(m?)py$/.exec(path);
  return match ? `${match[1]}.${match[2] ? '' : 'm'}py` : undefined;
}

/** The folders from below `target` down to the one that `path` is in. */
function foldersAbove(path: string, target: string): string[] {
  const folder = posix.dirname(path);
  const isDone = folder === target || folder === '/' || path === target;
  return isDone ? [] : [...foldersAbove(folder, target), folder];
}

/**
 * Compares what a board shall have with what it has.
 * @throws BoardFileError where a file and a folder want the same name, and `delete` is not set.
 */
export function makePlan(
  wanted: Wanted,
  files: PreparedFile[],
  board: BoardFolder,
  options: PlanOptions,
): Plan {
  const { target } = wanted;
  const plan: Plan = {
    settled: [...wanted.skipped],
    inTheWay: [],
    folders: [],
    puts: [],
    removals: [],
  };
  const paths = new Set(files.map(({ path }) => path));

  for (const file of files) {
    const other = twinOf(file.path);
    const isStale = other !== undefined && !paths.has(other) && board.has(other, 'file');
    const isMeant = isStale && !options.ignore.ignores(posix.relative(target, other), false);
    const twin = isMeant ? removal(other, 'file', 'twin') : undefined;
    const action = decide(file, board, isStale);
    if (action.action === 'put' && file.content) {
      plan.puts.push({ action, content: file.content, twin });
    } else {
      plan.settled.push(action);
      if (twin && action.action === 'same' && !file.options.checkOnly && !file.options.noUpdate) {
        plan.removals.push(twin);
      }
    }
  }

  const needed = new Set([
    ...plan.puts.flatMap(({ action }) => foldersAbove(action.path, target)),
    ...wanted.folders,
  ]);
  if (!board.exists && (needed.size > 0 || plan.puts.length > 0)) plan.folders.push(make(target));
  for (const path of [...needed].sort()) {
    if (!board.has(path, 'folder')) plan.folders.push(make(path));
  }

  if (options.delete) planExtra(plan, wanted, [...paths, ...needed], board, options.ignore);
  clearTheWay(plan, board, options);
  return plan;
}

/** What the board has and the source has not goes, or is told to stay. */
function planExtra(
  plan: Plan,
  { target, files, skipped }: Wanted,
  needed: string[],
  board: BoardFolder,
  ignore: Ignore,
): void {
  const known = new Set([
    ...needed,
    ...files.flatMap(({ path }) => foldersAbove(path, target)),
    ...plan.puts.flatMap(({ twin }) => (twin ? [twin.path] : [])),
    ...plan.removals.map(({ path }) => path),
  ]);
  const leftOut = skipped.map(({ path }) => path);
  const extra = extraEntries(target, board.entries, known, leftOut, ignore);
  plan.removals.push(...extra.removals);
  plan.settled.push(...extra.skipped);
}

const make = (path: string): SyncAction => ({ action: 'mkdir', path, reason: 'missing' });

function decide(file: PreparedFile, board: BoardFolder, hasTwin: boolean): SyncAction {
  const { path, source, size, sha256, options, note } = file;
  const there = board.at(path);
  const what = { path, source, size, ...(note !== undefined && { note }) };
  if (there?.type === 'file' && there.sha256 === sha256) return { action: 'same', ...what };
  const reason = there ? 'differs' : 'missing';
  const state = there ? 'differs from the one on the board' : 'missing on the board';
  const because = note === undefined ? state : `${state}; ${note}`;
  if (options.checkOnly) return { action: 'skip', ...what, reason: 'check-only', note: because };
  if (options.noUpdate && (there || hasTwin)) {
    return { action: 'skip', ...what, reason: 'no-update', note: because };
  }
  return { action: 'put', ...what, reason };
}
