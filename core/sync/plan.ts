import { posix } from 'node:path';
import { BoardFileError } from '../protocol/file-errors';
import type { BoardFolder } from './board-folder';
import { extraEntries } from './extra';
import type { Ignore } from './ignore';
import type { PreparedFile } from './prepare';
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
export function twinOf(path: string): string | undefined {
  const match = /^(.*\/[^/]+)\.(m?)py$/.exec(path);
  return match ? `${match[1]}.${match[2] ? '' : 'm'}py` : undefined;
}

/** The folders from below `target` down to the one that `path` is in. */
export function foldersAbove(path: string, target: string): string[] {
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
    const twin = isMeant ? remove(other, 'file', 'twin') : undefined;
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

  if (options.delete) {
    const kept = new Set([
      ...paths,
      ...needed,
      ...files.flatMap(({ path }) => foldersAbove(path, target)),
    ]);
    const leftOut = wanted.skipped.map(({ path }) => path);
    const twins = plan.puts.flatMap(({ twin }) => (twin ? [twin.path] : []));
    const known = new Set([...kept, ...twins, ...plan.removals.map(({ path }) => path)]);
    const extra = extraEntries(target, board.entries, known, leftOut, options.ignore);
    plan.removals.push(...extra.removals);
    plan.settled.push(...extra.skipped);
  }
  clearTheWay(plan, board, options);
  return plan;
}

const make = (path: string): SyncAction => ({ action: 'mkdir', path, reason: 'missing' });
const remove = (path: string, type: 'file' | 'folder', reason: string): SyncAction => ({
  action: 'remove',
  path,
  type,
  reason,
});

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

/** A file where a folder belongs, or a folder where a file does, goes only when removing is allowed. */
function clearTheWay(plan: Plan, board: BoardFolder, options: PlanOptions): void {
  const blocked = [
    ...plan.folders.filter(({ path }) => board.has(path, 'file')),
    ...plan.puts.map(({ action }) => action).filter(({ path }) => board.has(path, 'folder')),
  ];
  for (const { path, action } of blocked) {
    const below = board.entries.filter((entry) => entry.path.startsWith(`${path}/`));
    const going = new Set(plan.removals.map((removal) => removal.path));
    const isFree = below.every((entry) => going.has(entry.path));
    if (!options.delete || !isFree)
      throw inTheWay(path, options.prefix, action === 'mkdir', isFree);
    plan.removals = plan.removals.filter((removal) => !removal.path.startsWith(`${path}/`));
    plan.inTheWay.push(remove(path, action === 'mkdir' ? 'file' : 'folder', 'in the way'));
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
