import { LEVELS } from '../../core/index';
import { MOST_BOARDS, type SentRecord } from './coalescer';
import { tellsOfLoss } from './record-filter';

/** What one board may still say, and what it said too much. */
interface Allowance {
  /** Records that may pass now, and when that was counted. Those of the two kinds do not share. */
  severe: number;
  others: number;
  at: number;
  heldBack: number;
  lines: number;
  /** Looks since the first of them was held back, and whether one was since the last look. */
  looks: number;
  still: boolean;
  timer: NodeJS.Timeout | undefined;
}

const LOOK_MS = 1000;
/** While a storm lasts it is told of so often. */
const MOST_LOOKS = 10;

/**
 * Lets no more than so many records a second of each board pass, and tells in one record how many
 * it held back. Errors have an allowance of their own, so that a storm of others does not hide them. What a
 * board said while it was away comes all at once, is bounded by its buffer, and passes.
 */
export class RateLimit {
  private readonly boards = new Map<string, Allowance>();

  /** @param perSecond 0 for no limit. */
  constructor(
    private readonly perSecond: number,
    private readonly words: (heldBack: number) => string,
    private readonly next: (record: SentRecord) => void,
  ) {}

  push(record: SentRecord): void {
    if (this.perSecond === 0 || record.backlog || tellsOfLoss(record)) {
      this.next(record);
      return;
    }
    const now = Date.now();
    const allowance = this.allowanceOf(record.board, now);
    const kind = record.level >= LEVELS.error ? 'severe' : 'others';
    if (allowance[kind] >= 1) {
      allowance[kind] -= 1;
      this.next(record);
    } else this.holdBack(record, allowance);
  }

  /** Tells what was held back so far, and forgets everything. */
  close(): void {
    for (const [board, allowance] of this.boards) this.tell(board, allowance);
    this.boards.clear();
  }

  private allowanceOf(board: string, now: number): Allowance {
    const { perSecond } = this;
    let found = this.boards.get(board);
    if (!found) {
      if (this.boards.size >= MOST_BOARDS) this.forgetOldest();
      found = {
        severe: perSecond,
        others: perSecond,
        at: now,
        heldBack: 0,
        lines: 0,
        looks: 0,
        still: false,
        timer: undefined,
      };
      this.boards.set(board, found);
    }
    const more = (Math.max(0, now - found.at) * perSecond) / 1000;
    found.severe = Math.min(perSecond, found.severe + more);
    found.others = Math.min(perSecond, found.others + more);
    found.at = now;
    return found;
  }

  private forgetOldest(): void {
    for (const [board, allowance] of this.boards) {
      this.tell(board, allowance);
      this.boards.delete(board);
      return;
    }
  }

  private holdBack(record: SentRecord, allowance: Allowance): void {
    if (allowance.heldBack === 0) allowance.looks = 0;
    // What stands for more counts for them all.
    allowance.heldBack += record.repeated ?? 1;
    allowance.lines += record.lines;
    allowance.still = true;
    allowance.timer ??= setTimeout(() => this.look(record.board, allowance), LOOK_MS);
  }

  private look(board: string, allowance: Allowance): void {
    allowance.looks += 1;
    if (!allowance.still || allowance.looks >= MOST_LOOKS) {
      this.tell(board, allowance);
      return;
    }
    allowance.still = false;
    allowance.timer = setTimeout(() => this.look(board, allowance), LOOK_MS);
  }

  private tell(board: string, allowance: Allowance): void {
    clearTimeout(allowance.timer);
    allowance.timer = undefined;
    const { heldBack, lines } = allowance;
    allowance.heldBack = 0;
    allowance.lines = 0;
    if (heldBack === 0) return;
    this.next({
      board,
      level: LEVELS.warning,
      levelName: 'warning',
      time: new Date(),
      name: 'mqboard',
      message: this.words(heldBack),
      lines,
      backlog: false,
      heldBack,
    });
  }
}
