import type { LogRecord } from '../../core/index';
import { tellsOfLoss } from './record-filter';

/** A record on its way out. However many it stands for, its `lines` counts the lines of them all. */
export type SentRecord = LogRecord & {
  /** So many more of the same have come since the record before it; this is the newest of them. */
  repeated?: number;
  /** So many records were held back; the record tells of nothing else. */
  heldBack?: number;
};

/** What records like one another share, and what has come of them. */
interface Run {
  level: number;
  name: string;
  message: string;
  /** The newest of those that were counted, and not sent on. */
  newest: LogRecord | undefined;
  /** Until then another one counts as a repeat. */
  until: number;
  repeated: number;
  lines: number;
  timer: NodeJS.Timeout | undefined;
}

/** Who invents names of boards must not fill the host: above this the oldest are forgotten. */
export const MOST_BOARDS = 5000;

/** How many different records of a board may alternate and still be found to repeat. */
const RUNS = 8;

/**
 * Makes one record of repeats: same board, logger, level and text. The first goes on at once; how often
 * it came again follows after each `periodMs`, and when so many others came between that it is forgotten.
 */
export class Coalescer {
  private readonly boards = new Map<string, Run[]>();

  constructor(
    private readonly periodMs: number,
    private readonly next: (record: SentRecord) => void,
  ) {}

  push(record: LogRecord): void {
    if (this.periodMs === 0 || tellsOfLoss(record)) {
      this.next(record);
      return;
    }
    let runs = this.boards.get(record.board);
    if (!runs) {
      if (this.boards.size >= MOST_BOARDS) this.forgetOldest();
      runs = [];
      this.boards.set(record.board, runs);
    }
    const now = Date.now();
    const run = runs.find(
      ({ level, name, message }) =>
        message === record.message && name === record.name && level === record.level,
    );
    // One that is further away was set before the host's clock was put back.
    const left = (run?.until ?? 0) - now;
    if (run && left > 0 && left <= this.periodMs) this.count(run, record, left);
    else if (run) {
      run.until = now + this.periodMs;
      this.next(record);
    } else {
      const oldest = runs.length < RUNS ? undefined : runs.shift();
      if (oldest) this.flush(oldest);
      runs.push(runOf(record, now + this.periodMs));
      this.next(record);
    }
  }

  /** Tells what was counted so far, and forgets everything. */
  close(): void {
    for (const runs of this.boards.values()) for (const run of runs) this.flush(run);
    this.boards.clear();
  }

  private forgetOldest(): void {
    for (const [board, runs] of this.boards) {
      for (const run of runs) this.flush(run);
      this.boards.delete(board);
      return;
    }
  }

  private count(run: Run, record: LogRecord, left: number): void {
    run.newest = record;
    run.repeated += 1;
    run.lines += record.lines;
    run.timer ??= setTimeout(() => {
      this.flush(run);
      run.until = Date.now() + this.periodMs;
    }, left);
  }

  private flush(run: Run): void {
    clearTimeout(run.timer);
    run.timer = undefined;
    const { newest, repeated, lines } = run;
    run.newest = undefined;
    run.repeated = 0;
    run.lines = 0;
    if (newest) this.next({ ...newest, repeated, lines });
  }
}

/** Of a record that is sent on nothing is kept: a flow may change what it gets. */
function runOf({ level, name, message }: LogRecord, until: number): Run {
  return {
    level,
    name,
    message,
    newest: undefined,
    until,
    repeated: 0,
    lines: 0,
    timer: undefined,
  };
}
