import type { Connection } from '../link/connection';
import { Board } from './board';

/** The boards behind one connection, one `Board` for each prefix however many ask for it. */
export class Boards {
  private readonly boards = new Map<string, Board>();

  constructor(private readonly connection: Connection) {}

  /** @throws InvalidInputError when `prefix` cannot be one. */
  get(prefix: string): Board {
    const board = this.boards.get(prefix) ?? new Board(this.connection, prefix);
    this.boards.set(prefix, board);
    return board;
  }

  /** Cancels what runs on them. */
  close(): void {
    for (const board of this.boards.values()) board.close();
    this.boards.clear();
  }
}
