import type { LevelName } from './log-level';
import type { PythonException } from './traceback';

/**
 * One thing that a board logged, however many lines it has. Where lines are numbered, `lines`, `lost` and
 * `missing` of all records add up to what the board has said.
 */
export interface LogRecord {
  /** The board's name. */
  board: string;
  level: number;
  levelName: LevelName;
  /** Undefined while it cannot be known. */
  time: Date | undefined;
  /** Milliseconds since the board's boot, where its clock was unset. */
  bootTime?: number;
  /** Name of the logger. `mqboard` is this package itself. */
  name: string;
  /** Lines are joined by a line feed. */
  message: string;
  /** Number of its last line. */
  seq?: number;
  /** The lowest 12 bits of the number of the boot, as 3 hexadecimal digits. */
  boot?: string;
  /** How many lines of the board it is made of; 0 of one that stands for lines that are not there. */
  lines: number;
  /** Said while the board had no connection. */
  backlog: boolean;
  exception?: PythonException;
  /** So many lines before this record never arrived. */
  missing?: number;
  /** So many lines the board dropped itself, because its buffer was full. */
  lost?: number;
}
