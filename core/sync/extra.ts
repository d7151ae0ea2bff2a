import { relative } from 'node:path/posix';
import type { FileEntry } from '../board/files/types';
import type { Ignore } from './ignore';
import { isProtected } from './protected';
import { removal } from './removal';
import type { SyncAction } from './types';

/** What the firmware keeps of a file that is on its way. */
const FIRMWARE_OWN = /\/\.mqb-[^/]*$/;

/**
 * What the board has and the source has not: what goes, folders last, and what stays all the same. `known` is what
 * the source has; what is in the folders of `leftOut` nobody knows, so it stays.
 */
export function extraEntries(
  target: string,
  entries: FileEntry[],
  known: ReadonlySet<string>,
  leftOut: string[],
  ignore: Ignore,
): { removals: SyncAction[]; skipped: SyncAction[] } {
  const skipped: SyncAction[] = [];
  const staying = new Set(leftOut);
  const going: FileEntry[] = [];
  const inOrder = [...entries].sort((a, b) => (a.path < b.path ? -1 : 1));
  for (const entry of inOrder) {
    const { path } = entry;
    const inner = relative(target, path);
    const isFolder = entry.type === 'folder';
    if (known.has(path) || staying.has(path) || FIRMWARE_OWN.test(path)) continue;
    if ([...staying].some((folder) => path.startsWith(`${folder}/`))) continue;
    if (ignore.ignores(inner, isFolder)) {
      staying.add(path);
      skipped.push({ action: 'skip', path, reason: 'ignored', note: 'only the board has it' });
    } else if (isProtected(path) && !ignore.takesBack(inner, isFolder)) {
      staying.add(path);
      const note = `the board needs it; to remove it, ignore "!/${inner}"`;
      skipped.push({ action: 'skip', path, reason: 'protected', note });
    } else going.push(entry);
  }
  const gone = new Set(going.map(({ path }) => path));
  const canGo = ({ path, type }: FileEntry) =>
    type === 'file' ||
    inOrder.every((other) => !other.path.startsWith(`${path}/`) || gone.has(other.path));
  const removals = going
    .filter(canGo)
    .reverse()
    .map(({ path, type }) => removal(path, type, 'extra'));
  return { removals, skipped };
}
