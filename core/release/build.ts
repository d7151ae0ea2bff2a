import { createHash } from 'node:crypto';
import { relative } from 'node:path/posix';
import { InvalidInputError } from '../protocol/errors';
import { formatManifest, type Manifest } from '../protocol/manifest';
import { boardPath } from '../protocol/paths';
import type { Release } from '../protocol/release';
import { BYTECODE, Compiler } from '../sync/compiler';
import { namedBy } from '../sync/ignore';
import { type PreparedFile, prepare } from '../sync/prepare';
import { loadSource, type Wanted } from '../sync/sources';
import type { SyncAction, SyncSource } from '../sync/types';
import { checkSlot } from './slot-rules';
import type { ReleaseOptions } from './types';

const VERSION_DIGITS = 8;

/**
 * Makes a release of local files, of files from memory, or of both.
 * @throws InvalidInputError for what cannot be one, or has no files; LocalFileError; AbortedError.
 */
export async function buildRelease(options: ReleaseOptions): Promise<Release> {
  const { slot, name, partial } = options;
  const needs = options.needs && Object.keys(options.needs).length > 0 ? options.needs : undefined;
  const prepared = await readAll(options);
  if (prepared.length === 0) throw nothingToRelease(options);
  checkSlot(
    slot,
    prepared.map(({ path }) => path),
  );
  const bytes = new Map(prepared.map(({ path, content }) => [path, content ?? Buffer.alloc(0)]));
  const files = prepared.map(({ path, size, sha256 }) => ({ path, size, sha256 }));
  const manifest: Manifest = {
    ...{ slot, name, version: options.version ?? '' },
    ...(needs && { needs }),
    ...(partial && { partial }),
    files: files.sort((one, other) =>
      Buffer.compare(Buffer.from(one.path), Buffer.from(other.path)),
    ),
  };
  manifest.version ||= versionOf(manifest);
  const text = formatManifest(manifest);
  const contents = manifest.files.map(({ path }) => bytes.get(path) ?? Buffer.alloc(0));
  return { manifest, text, contents, id: createHash('sha256').update(text).digest('hex') };
}

async function readAll(options: ReleaseOptions): Promise<PreparedFile[]> {
  const wanted = await findAll(options);
  const lost = wanted.skipped.find(({ reason }) => reason !== 'ignored');
  if (lost) throw cannotBeRead(lost);
  const compiler = new Compiler();
  try {
    const files = await prepare(wanted, BYTECODE, () => false, compiler, options.signal);
    for (const { note, source } of files) {
      if (note !== undefined) throw notPython(source, note);
    }
    return files;
  } finally {
    await compiler.close();
  }
}

/** What is to be released, from wherever it is. */
async function findAll(options: ReleaseOptions): Promise<Wanted> {
  const { slot, folder, files = [], include, exclude, bytecode, signal } = options;
  const target = boardPath(options.to ?? (slot === 'app' ? '/src' : '/'));
  const sources: SyncSource[] = [
    ...(folder === undefined ? [] : [{ kind: 'folder' as const, folder, target }]),
    {
      kind: 'list',
      target,
      files: files.map(({ path, data }) => ({ path, content: data })),
    },
  ];
  const how = {
    ...{ mpy: bytecode ?? false },
    ...(exclude && { ignore: exclude }),
    ...(signal && { signal }),
  };
  const isMeant = namedBy(include);
  const all: Wanted = { target, recursive: true, files: [], folders: [], skipped: [] };
  for (const source of sources) {
    const groups = await loadSource(source, how);
    for (const { files: found, skipped } of groups) {
      all.files.push(...found.filter(({ path }) => isMeant(relative(target, path))));
      all.skipped.push(...skipped.filter(({ path }) => isMeant(relative(target, path))));
    }
  }
  return all;
}

/** Of the same files always the same, whatever they are called. */
function versionOf({ files }: Manifest): string {
  const hash = createHash('sha256');
  for (const { path, sha256 } of files) hash.update(`${sha256} ${path}\n`);
  return hash.digest('hex').slice(0, VERSION_DIGITS);
}

function nothingToRelease({ folder, include }: ReleaseOptions): InvalidInputError {
  const where = folder === undefined ? 'No files were given' : `There are no files in ${folder}`;
  const meant = include && include.length > 0 ? ' that the patterns mean' : '';
  const words = `${where}${meant}: a release without files would only take away what is there.`;
  return new InvalidInputError('NOTHING_TO_RELEASE', 'nothing to release', words);
}

/** In a sync it is left out and told; without it a release would not be what somebody meant. */
function cannotBeRead({ source, note }: SyncAction): InvalidInputError {
  const words = `${source} cannot be released: ${note}. Put the file itself there, or leave it out by a pattern.`;
  return new InvalidInputError('NO_FILE', 'no file', words);
}

function notPython(source: string, note: string): InvalidInputError {
  const words = `${source} was ${note}. Mend it, or release it as source.`;
  return new InvalidInputError('NOT_COMPILED', 'not compiled', words);
}
