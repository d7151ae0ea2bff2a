import type { Chip } from './chip';
import type { Console } from './console';
import type { FlashGauge } from './flash-gauge';
import type { Network } from './network';

/** The board that an interpreter is plugged into. */
export interface Board {
  /** Folder of this board: its flash, and the chip's state. */
  folder: string;
  chip: Chip;
  console: Console;
  gauge: FlashGauge;
  network: Network;
  heapBytes: number;
  flashBlocks: number;
  env: Record<string, string>;
}

/** One run of MicroPython, from a reset to the next. */
export interface Interpreter {
  /** Ends it between any two instructions. Resolves when it is gone. */
  kill(): Promise<void>;
}

/** What a kind of interpreter can do with a board's folder. */
export interface Runtime {
  /** Writes a flash of so many blocks of 4 KiB that does not exist yet; leaves one that does alone. */
  format(folder: string, files: Map<string, Buffer>, blocks: number): Promise<void>;
  /** Resolves when the interpreter is about to run boot.py. `ended` is told when it ends by itself. */
  start(board: Board, ended: (why: string) => void): Promise<Interpreter>;
}
