import { createHash, type Hash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Board } from '../board/board';
import type { GetOptions, GetResult, GetSink } from '../board/files/types';
import { LocalFileError, localError } from './local-file-error';

/** Where the bytes are collected; a link that somebody has put there is not followed. */
const FLAGS =
  constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0);

const NOT_WRITTEN = 'The local file cannot be written';

const LONGEST_STEM = 200;

/** The files that are being written by this process. */
const busy = new Set<string>();

/**
 * Writes what comes from a board into a hidden file beside `target`, which takes the name of `target` when
 * everything is there. What an interrupted transfer has left is gone on with, also by another process.
 */
export class FileSink implements GetSink {
  private readonly part: string;
  private handle: FileHandle | undefined;

  /** `origin` tells what the bytes are of, so that a part of something else is not taken for it. */
  constructor(
    private readonly target: string,
    origin = '',
  ) {
    const mark = createHash('sha256').update(origin).digest('hex').slice(0, 8);
    this.part = join(dirname(target), `.${shortened(basename(target))}.${mark}.mqb-part`);
  }

  async begin(): Promise<{ size: number; sha256: string; hash: Hash }> {
    if (!this.handle) await this.open();
    return sizeAndHash(this.part);
  }

  async restart(): Promise<void> {
    await this.opened().truncate(0);
  }

  async write(data: Buffer): Promise<void> {
    try {
      await this.opened().appendFile(data);
    } catch (error) {
      throw localError(error, NOT_WRITTEN);
    }
  }

  /** The file takes its name; before, whatever had that name is untouched. */
  async finish(): Promise<void> {
    try {
      await this.opened().sync();
      await this.close();
      await rename(this.part, this.target);
    } catch (error) {
      throw localError(error, NOT_WRITTEN);
    }
  }

  /** Lets go of the file. What is there stays for the next try, unless it is nothing. */
  async abandon(): Promise<void> {
    if (!this.handle) return;
    const found = await this.handle.stat().catch(() => undefined);
    await this.close();
    if (found?.size === 0) await rm(this.part, { force: true });
  }

  private async open(): Promise<void> {
    const part = resolve(this.part);
    if (busy.has(part)) {
      throw new LocalFileError(`${this.target} is being written by another transfer just now.`);
    }
    busy.add(part);
    try {
      this.handle = await open(this.part, FLAGS, 0o666);
    } catch (error) {
      await this.close();
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw localError(error, NOT_WRITTEN);
      const folder = dirname(this.target);
      throw new LocalFileError(
        `${NOT_WRITTEN}: there is no folder ${folder}. Make it first.`,
        error,
      );
    }
  }

  private opened(): FileHandle {
    if (this.handle) return this.handle;
    throw new Error('a FileSink was used before begin(), or after its end');
  }

  private async close(): Promise<void> {
    const { handle } = this;
    this.handle = undefined;
    busy.delete(resolve(this.part));
    await handle?.close();
  }
}

/** So that there is room for more beside it: a name has 255 bytes at most. */
function shortened(name: string): string {
  if (Buffer.byteLength(name) <= LONGEST_STEM) return name;
  return createHash('sha256').update(name).digest('hex');
}

async function sizeAndHash(path: string): Promise<{ size: number; sha256: string; hash: Hash }> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const block of createReadStream(path)) {
    hash.update(block);
    size += block.length;
  }
  return { size, sha256: hash.copy().digest('hex'), hash };
}

export type GetToFileOptions = Omit<GetOptions, 'into'> & {
  /** Makes the local folders that are missing above the file. */
  parents?: boolean;
};

/**
 * Gets a file of a board into a local file, which changes when everything is there and not before. After
 * an interruption, call it again: it goes on where it was.
 *
 * @throws LocalFileError when the local file cannot be written; and what `board.get` throws.
 */
export async function getToFile(
  board: Board,
  path: string,
  localFile: string,
  options: GetToFileOptions = {},
): Promise<GetResult> {
  const { parents, ...rest } = options;
  if ((await stat(localFile).catch(() => undefined))?.isDirectory()) {
    throw new LocalFileError(`${localFile} is a folder; name the file in it.`);
  }
  if (parents) await makeFolder(dirname(localFile));
  const sink = new FileSink(localFile, `${board.prefix}\0${path}`);
  try {
    const result = await board.get(path, { ...rest, into: sink });
    await sink.finish();
    return result;
  } finally {
    await sink.abandon();
  }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw localError(error, 'The local folder cannot be made');
  }
}
