import { BoardRefusedError } from '../../protocol/errors';
import { boardPath } from '../../protocol/paths';
import { type Call, type CallOptions, callBoard, speaksV2, type Way } from '../call';
import type { CommandV2 } from '../command-v2';
import { listV1, manageV1 } from '../v1/manage';
import type { ManageKeys, manage } from '../v1/python';
import { ask } from './ask';
import { Listing } from './listing';
import type {
  FileEntry,
  FileHash,
  FileOptions,
  FileStat,
  ListOptions,
  MkdirOptions,
  RemoveOptions,
} from './types';

const TIMEOUT_MS = 10_000;
/** Of what may take the board long: without a sign of life. */
const SILENCE_MS = 60_000;
const SILENT = 'gave no sign of life for';

export async function list(way: Way, path: string, options: ListOptions): Promise<FileEntry[]> {
  const folder = boardPath(path);
  const { recursive = false, hash: withHash = false, onEntry } = options;
  const listing = new Listing(folder, onEntry);
  return callBoard(way, unlessSilent(options), async (call) => {
    if (speaksV2(way)) {
      await ask(call, {
        do: 'list',
        keys: { path: folder, ...(recursive && { deep: true }), ...(withHash && { sha: true }) },
        repeatable: true,
        onHeard: () => call.deadline.renew(),
        onOutput: (text) => listing.take(text),
      });
    } else {
      listing.take(await listV1(call, folder, recursive, withHash));
    }
    return listing.entries;
  });
}

/** The value of `stat`. */
interface Stat {
  type?: 'file' | 'folder';
  size?: number;
  mtime?: number | null;
  total?: number;
  free?: number;
}

export async function stat(way: Way, path: string, options: FileOptions): Promise<FileStat> {
  const target = boardPath(path);
  const said = await callBoard(way, within(TIMEOUT_MS, options), (call) =>
    askAny(call, { do: 'stat', keys: { path: target }, repeatable: true }),
  );
  const { type, size, mtime, total, free } = said as Stat;
  if (type === 'folder') {
    return {
      path: target,
      type: 'folder',
      ...(total !== undefined && { total }),
      ...(free !== undefined && { free }),
    };
  }
  return {
    path: target,
    type: 'file',
    ...(size !== undefined && { size }),
    ...(mtime && { modified: new Date(mtime * 1000) }),
  };
}

export async function hash(way: Way, path: string, options: FileOptions): Promise<FileHash> {
  const target = boardPath(path);
  const { size, sha } = await callBoard(way, unlessSilent(options), (call) =>
    askAny(call, {
      do: 'hash',
      keys: { path: target },
      repeatable: true,
      onHeard: () => call.deadline.renew(),
    }),
  );
  if (typeof size === 'number' && typeof sha === 'string') {
    return { path: target, size, sha256: sha };
  }
  throw new BoardRefusedError('bad', 'hash ended without a size and a SHA-256.');
}

export async function mkdir(way: Way, path: string, options: MkdirOptions): Promise<void> {
  const keys = { path: boardPath(path), ...(options.parents && { parents: true }) };
  await callBoard(way, within(TIMEOUT_MS, options), (call) => askAny(call, { do: 'mkdir', keys }));
}

export async function remove(way: Way, path: string, options: RemoveOptions): Promise<number> {
  const { what = 'file' } = options;
  const keys = { path: boardPath(path), what };
  const ends = what === 'all' ? unlessSilent(options) : within(TIMEOUT_MS, options);
  const { removed } = await callBoard(way, ends, (call) =>
    askAny(call, { do: 'remove', keys, onHeard: () => what === 'all' && call.deadline.renew() }),
  );
  return Number(removed);
}

export async function rename(
  way: Way,
  path: string,
  to: string,
  options: FileOptions,
): Promise<void> {
  const keys = { path: boardPath(path), to: boardPath(to) };
  await callBoard(way, within(TIMEOUT_MS, options), (call) => askAny(call, { do: 'rename', keys }));
}

/** Asks by the version of the wire that the board speaks. */
function askAny(call: Call, command: ManageCommand): Promise<Record<string, unknown>> {
  return speaksV2(call.way) ? ask(call, command) : manageV1(call, command.do, command.keys);
}

type ManageCommand = CommandV2 & { do: keyof typeof manage; keys: ManageKeys };

function within(usualMs: number, { timeoutMs = usualMs, signal }: FileOptions): CallOptions {
  return { timeoutMs, signal };
}

function unlessSilent(options: FileOptions): CallOptions {
  return { ...within(SILENCE_MS, options), idle: SILENT };
}
