import { once } from 'node:events';
import { Board, Connection } from '../core/index';
import { type BareBoardOptions, startBareBoard } from './bare-board';

/** Gives `work` a board of the unix port, and a host that is connected to the broker at `url`. */
export async function withBareBoard<T>(
  url: string,
  options: BareBoardOptions,
  work: (board: Board) => Promise<T>,
): Promise<T> {
  const bare = await startBareBoard(options);
  const connection = new Connection({ url });
  try {
    connection.open();
    await once(connection, 'connected');
    const board = new Board(connection, options.prefix);
    const result = await work(board);
    board.close();
    return result;
  } finally {
    await connection.close();
    await bare.stop();
  }
}
