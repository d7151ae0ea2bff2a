import { stat } from 'node:fs/promises';
import { basename, relative } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { InvalidInputError } from '../protocol/errors';
import { boardPath } from '../protocol/paths';
import { Ignore } from './ignore';
import { LocalFileError, systemWords } from './local-file-error';
import { readLocal, walk } from './local-files';
import {
  type Block,
  type BlockOptions,
  parseSpecification,
  type SpecifiedSource,
  specificationError,
} from './specification';
import type { SyncAction, SyncOptions, SyncSource } from './types';
import { expand } from './wildcards';

/** More than this is the wrong folder, and not for a board. */
const MOST_BYTES = 256 * 1024 * 1024;

/** A file that a board shall have, not read yet. */
export interface WantedFile {
  /** On the board, absolute. */
  path: string;
  /** What people know it by. */
  source: string;
  size: number;
  options: BlockOptions;
  read: () => Promise<Buffer>;
}

/** One folder on the board, and what shall be in it. */
export interface Wanted {
  target: string;
  /** Whether all below the folder is meant, and not only what is directly in it. */
  recursive: boolean;
  files: WantedFile[];
  folders: string[];
  skipped: SyncAction[];
}

const joinBoard = (folder: string, path: string) => boardPath(`${folder}/${path}`);

/**
 * Finds out what a board shall have. Nothing is read yet but folders.
 * @throws InvalidInputError; LocalFileError.
 */
export async function loadSource(source: SyncSource, options: SyncOptions): Promise<Wanted[]> {
  const wanted = await load(source, options);
  const files = wanted.flatMap((group) => group.files);
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  if (bytes > MOST_BYTES) {
    const megabytes = Math.round(bytes / 1024 / 1024);
    throw new InvalidInputError(
      'TOO_MUCH',
      'too much to sync',
      `${files.length} files with ${megabytes} MiB are too much for a board. Is it the right folder?`,
    );
  }
  return wanted;
}

async function load(source: SyncSource, options: SyncOptions): Promise<Wanted[]> {
  if (source.kind === 'specification') return loadSpecification(source, options);
  const target = boardPath(source.target);
  const ignore = new Ignore(options.ignore);
  const mode = { checkOnly: false, noUpdate: false, mpy: options.mpy ?? false };
  if (source.kind === 'list') return [loadList(target, source.files, ignore, mode)];
  const folder = options.root ? await options.root.resolve(source.folder) : source.folder;
  const tree = await walk(folder, ignore, options.signal);
  return [
    {
      target,
      recursive: true,
      folders: tree.folders.map((path) => joinBoard(target, path)),
      files: tree.files.map(({ path, real, size }) => ({
        ...{ path: joinBoard(target, path), source: path, size, options: mode },
        read: () => readLocal(real),
      })),
      skipped: tree.skipped.map(({ path, reason, note }) => ({
        ...{ action: 'skip', path: joinBoard(target, path), reason, source: path },
        ...(note !== undefined && { note }),
      })),
    },
  ];
}

function loadList(
  target: string,
  list: Array<{ path: string; content: Buffer | string }>,
  ignore: Ignore,
  options: BlockOptions,
): Wanted {
  const wanted: Wanted = { target, recursive: true, files: [], folders: [], skipped: [] };
  for (const { path: given, content } of list) {
    const data = Buffer.from(content as string);
    const inner = boardPath(given).slice(1);
    if (inner === '') throw new InvalidInputError('BAD_PATH', 'bad path', 'A file has no name.');
    const path = joinBoard(target, inner);
    if (ignore.ignores(inner, false)) {
      wanted.skipped.push({ action: 'skip', path, reason: 'ignored', source: given });
    } else {
      const read = async () => data;
      wanted.files.push({ path, source: given, size: data.length, options, read });
    }
  }
  return wanted;
}

async function loadSpecification(
  { text, folder: given }: Extract<SyncSource, { kind: 'specification' }>,
  { root, ignore: patterns, mpy }: SyncOptions,
): Promise<Wanted[]> {
  const folder = root ? await root.resolve(given) : given;
  const ignore = new Ignore(patterns);
  const groups = new Map<string, Wanted>();
  for (const block of parseSpecification(text)) {
    const { target } = block;
    const empty: Wanted = { target, recursive: false, files: [], folders: [], skipped: [] };
    const group = groups.get(target) ?? empty;
    groups.set(target, group);
    const options = { ...block.options, mpy: block.options.mpy || (mpy ?? false) };
    for (const { local, name, line } of await findSources(block, folder)) {
      const real = root ? await root.resolve(local) : local;
      const path = joinBoard(target, name);
      const source = relative(folder, local) || local;
      if (ignore.ignores(name, false)) {
        group.skipped.push({ action: 'skip', path, reason: 'ignored', source });
      } else if (!group.files.some((file) => isAgain(file, path, source, options))) {
        const size = await sizeOf(real, line);
        group.files.push({ path, source, size, options, read: () => readLocal(real) });
      }
    }
  }
  return [...groups.values()];
}

/** Wildcards may well match what is named besides. */
function isAgain(file: WantedFile, path: string, source: string, options: BlockOptions): boolean {
  const isSame = file.path === path && file.source === source;
  return isSame && isDeepStrictEqual(file.options, options);
}

async function findSources(
  block: Block,
  folder: string,
): Promise<Array<{ local: string; name: string; line: number }>> {
  const found = block.sources.map(async ({ pattern, rename, line }: SpecifiedSource) => {
    const files = await expand(pattern, folder);
    if (files.length === 0) throw specificationError(line, `no file matches "${pattern}".`);
    return files.map((local) => ({ local, name: rename ?? basename(local), line }));
  });
  return (await Promise.all(found)).flat();
}

async function sizeOf(path: string, line: number): Promise<number> {
  try {
    const found = await stat(path);
    if (found.isFile()) return found.size;
  } catch (error) {
    throw specificationError(line, `${systemWords(error)}.`);
  }
  throw new LocalFileError(`Line ${line} of the specification: ${path} is not a file.`);
}
