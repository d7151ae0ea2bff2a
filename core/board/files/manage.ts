import { boardPath } from '../../protocol/paths';
import { type Call, type CallOptions, callBoard, type Way } from '../call';
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
  return callBoard(way, { ...within(SILENCE_MS, options), idle: SILENT }, async (call) => {
    await ask(call, {
      do: 'list',
      keys: { path: folder, ...(recursive && { deep: true }), ...(withHash && { sha: true }) },
      repeatable: true,
      onHeard: () => call.deadline.renew(),
      onOutput: (text) => listing.take(text),
    });
    return listing.entries;
  });
}

export async function stat(way: Way, path: string, options: FileOptions): Promise<FileStat> {
  const target = boardPath(path);
  const said = await brief(way, options, (call) =>
    ask(call, { do: 'stat', keys: { path: target }, repeatable: true }),
  );
  const { type, size, mtime, total, free } = said as Record<string, number | undefined>;
  if (String(type) === 'folder') {
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
  return callBoard(way, { ...within(SILENCE_MS, options), idle: SILENT }, async (call) => {
    const onHeard = () => call.deadline.renew();
    const { size, sha } = await ask(call, {
      do: 'hash',
      keys: { path: target },
      repeatable: true,
      onHeard,
    });
    return { path: target, size: Number(size), sha256: String(sha) };
  });
}

export async function mkdir(way: Way, path: string, options: MkdirOptions): Promise<void> {
  const target = boardPath(path);
  const { parents = false } = options;
  await brief(way, options, (call) =>
    ask(call, { do: 'mkdir', keys: { path: target, ...(parents && { parents }) } }),
  );
}

export async function remove(way: Way, path: string, options: RemoveOptions): Promise<number> {
  const target = boardPath(path);
  const { what = 'file' } = options;
  const { removed } = await brief(way, options, (call) =>
    ask(call, { do: 'remove', keys: { path: target, what } }),
  );
  return Number(removed);
}

export async function rename(
  way: Way,
  path: string,
  newPath: string,
  options: FileOptions,
): Promise<void> {
  const [target, to] = [boardPath(path), boardPath(newPath)];
  await brief(way, options, (call) => ask(call, { do: 'rename', keys: { path: target, to } }));
}

function brief<T>(way: Way, options: FileOptions, run: (call: Call) => Promise<T>): Promise<T> {
  return callBoard(way, within(TIMEOUT_MS, options), run);
}

function within(usualMs: number, { timeoutMs = usualMs, signal }: FileOptions): CallOptions {
  return { timeoutMs, signal };
}
