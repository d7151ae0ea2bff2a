import type { Board } from '../board/board';
import type { FileEntry, FileOptions } from '../board/files/types';
import { InvalidInputError } from '../protocol/errors';
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

  /** @throws InvalidInputError IN_THE_WAY when it is a file; and what `board.list` throws. */
  static async read(
    board: Board,
    path: string,
    options: FileOptions & { recursive: boolean },
  ): Promise<BoardFolder> {
    try {
      const entries = await board.list(path, { ...options, hash: true });
      if (entries.some((entry) => entry.path === path && entry.type === 'file')) {
        const sentence = `${path} on the board ${board.prefix} is a file, and a folder is needed there.`;
        throw new InvalidInputError('IN_THE_WAY', 'file in the way', sentence);
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
