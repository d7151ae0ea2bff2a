import { TICKS_RANGE } from '../protocol/command';

/** After this the two clocks may have drifted apart. */
const VALID_MS = 3_600_000;

/** What a board said to `hello`: which boot it is, and what its clock shows. */
export class BoardClock {
  private readonly receivedAt = performance.now();

  constructor(
    readonly boot: number,
    private readonly ticks: number,
  ) {}

  /** Returns undefined for an answer that is none. */
  static parse(data: Buffer): BoardClock | undefined {
    try {
      const { boot, ticks } = JSON.parse(data.toString());
      return Number.isInteger(boot) && Number.isInteger(ticks)
        ? new BoardClock(boot, ticks)
        : undefined;
    } catch {
      return undefined;
    }
  }

  get expired(): boolean {
    return performance.now() - this.receivedAt > VALID_MS;
  }

  /** The board's time in so many milliseconds; a little early, by what the answer took to arrive. */
  in(milliseconds: number): number {
    // Half the range, because the board tells before from after by the shorter way round.
    const ahead = Math.min(milliseconds, TICKS_RANGE / 2 - 1);
    const now = this.ticks + (performance.now() - this.receivedAt);
    return Math.floor(now + ahead) % TICKS_RANGE;
  }
}
