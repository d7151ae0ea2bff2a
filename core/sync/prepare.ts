import { createHash } from 'node:crypto';
import { dirname } from 'node:path/posix';
import { InvalidInputError } from '../protocol/errors';
import { throwIfAborted } from './cancel';
import { BYTECODE, type Compiler } from './compiler';
import type { Wanted, WantedFile } from './sources';
import type { BlockOptions } from './specification';

/** A file as it shall be on the board: read, and compiled where that was asked for. */
export interface PreparedFile {
  path: string;
  source: string;
  sha256: string;
  size: number;
  options: BlockOptions;
  /** Left out where the board has it already, so that only what is sent is kept in memory. */
  content: Buffer | undefined;
  note: string | undefined;
}

/** MicroPython runs these by their names, and only as source. */
const ALWAYS_SOURCE = ['/boot.py', '/main.py'];

/**
 * Reads the files, each once, and compiles for a board that loads this version of bytecode. `isOnBoard` says whether a content is where it belongs already.
 * @throws InvalidInputError when two files want the same place; LocalFileError; AbortedError.
 */
export async function prepare(
  { files, folders }: Wanted,
  bytecode: number | undefined,
  isOnBoard: (path: string, sha256: string) => boolean,
  compiler: Compiler,
  signal?: AbortSignal,
): Promise<PreparedFile[]> {
  const prepared = new Map<string, PreparedFile>();
  for (const file of files) {
    throwIfAborted(signal);
    const { path, content, note } = await form(file, bytecode, compiler);
    const { source, options } = file;
    const other = prepared.get(path);
    if (other) throw samePlace(path, other.source, source);
    const sha256 = createHash('sha256').update(content).digest('hex');
    const kept = isOnBoard(path, sha256) ? undefined : content;
    const { length: size } = content;
    prepared.set(path, { path, source, sha256, size, options, content: kept, note });
  }
  checkFolders(prepared, folders);
  return [...prepared.values()];
}

/** What is a file on the board cannot be a folder, too. */
function checkFolders(files: Map<string, PreparedFile>, folders: string[]): void {
  const check = (folder: string, why: string) => {
    const file = files.get(folder);
    if (file) throw twoForOne(`${file.source} would be ${folder} on the board, and ${why}.`);
  };
  for (const folder of folders) check(folder, 'a folder has that name');
  for (const { path, source } of files.values()) {
    for (let above = dirname(path); above !== '/'; above = dirname(above)) {
      check(above, `${source} needs a folder there`);
    }
  }
}

async function form(
  { path, options, read }: WantedFile,
  bytecode: number | undefined,
  compiler: Compiler,
): Promise<{ path: string; content: Buffer; note: string | undefined }> {
  const content = await read();
  const asItIs = (note?: string) => ({ path, content, note });
  if (!options.mpy || !path.endsWith('.py') || ALWAYS_SOURCE.includes(path)) return asItIs();
  if (bytecode !== BYTECODE) {
    const loads =
      bytecode === undefined ? 'does not say that it loads .mpy' : `loads .mpy ${bytecode}`;
    return asItIs(`not compiled: the board ${loads}, this compiler writes version ${BYTECODE}`);
  }
  const compiled = await compiler.compile(path, content.toString());
  if ('error' in compiled) return asItIs(`not compiled: ${compiled.error}`);
  return { path: path.replace(/\.py$/, '.mpy'), content: compiled.mpy, note: undefined };
}

function samePlace(path: string, first: string, second: string): InvalidInputError {
  const sentence =
    first === second
      ? `${first} is named twice for ${path} on the board, each time with other options.`
      : `${first} and ${second} would both be ${path} on the board.`;
  return twoForOne(sentence);
}

function twoForOne(sentence: string): InvalidInputError {
  return new InvalidInputError('SAME_PLACE', 'two for one place', `${sentence} Leave one out.`);
}
