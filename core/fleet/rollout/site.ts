import type { Board } from '../../board/board';
import type { SharedStream } from '../../board/transfer/shared-stream';
import type { KnownBoard } from '../types';
import type { RolloutMemory } from './memory';

/** What of a `Board` a roll-out needs. */
export type UpdatableBoard = Pick<Board, 'info' | 'describe' | 'deploy' | 'flash'>;

/** Where a roll-out happens; `Fleet.site` puts it together. */
export interface RolloutSite {
  /** @throws InvalidInputError for a name that cannot be one. */
  board(name: string): UpdatableBoard;
  boards(): KnownBoard[];
  known(board: string): KnownBoard | undefined;
  /** Calls `listener` when something else is known of a board. Returns how to stop that. */
  watch(listener: (board: string) => void): () => void;
  /** Without it a roll-out ends with this process, and no board is left alone. */
  memory?: RolloutMemory;
  /** One sender for all boards of a wave. Without it each is sent everything. */
  share?: SharedStream;
}
