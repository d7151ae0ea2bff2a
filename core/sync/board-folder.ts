import type { Board } from '../board/board';
import type { FileEntry, FileOptions } from '../board/files/types';
import { BoardFileError } from '../protocol/file-errors';

/** What a board has in and below one folder. */
export class BoardFolder {
  private readonly byPath: Map<string, FileEntry>;

  constructor(
    readonly exists: boolean,
    readonly entries: FileEntry[],
  ) {
    this.byPath = new Map(entries.map((entry) => [entry.path, entry]));
  }

  /** @throws BoardFileError when it is a file; and what `board.list` throws. */
  static async read(
    board: Board,
    path: string,
    options: FileOptions & { recursive: boolean },
  ): Promise<BoardFolder> {
    try {
      const entries = await board.list(path, { ...options, hash: true });
      if (entries.some((entry) => entry.path === path && entry.type === 'file')) {
        throw new BoardFileError(
          'file',
          path,
          board.prefix,
          'it is a file, not a folder to sync to.',
        );
      }
      return new BoardFolder(true, entries);
    } catch (error) {
      const isMissing = error instanceof BoardFileError && /^(missing|parent)$/.test(error.reason);
      if (isMissing) return new BoardFolder(false, []);
      throw error;
    }
  }

  at(path: string): FileEntry | undefined {
    return this.byPath.get(path);
  }

  has(path: string, type: FileEntry['type']): boolean {
    return this.at(path)?.type === type;
  }
}
