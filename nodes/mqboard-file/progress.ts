import type { TransferProgress } from '../../core/index';
import type { Message, Turn } from '../shared/board-worker';

/** Often enough to watch, seldom enough for a flow and an editor. */
const INTERVAL_MS = 500;

/** What the second output tells, as the payload. */
export interface ProgressPayload {
  board: string;
  path: string;
  bytes: number;
  total: number;
  /** Bytes per second. */
  rate: number;
  /** Seconds; null while nobody can tell. */
  remaining: number | null;
  percent: number;
}

/** Tells how far a transfer is: below the node, and where `wanted` at its second output. */
export class Progress {
  private readonly begun = performance.now();
  private told = this.begun;

  constructor(
    private readonly turn: Turn,
    private readonly wanted: boolean,
  ) {}

  /** Tells it at most twice a second. */
  report(path: string, { bytes, total, bytesPerSecond, remainingSeconds }: TransferProgress): void {
    const now = performance.now();
    if (now - this.told < INTERVAL_MS) return;
    this.told = now;
    this.turn.activity.progress(bytes, total);
    // The board still has to check what it stored: `end` tells when that is done.
    if (bytes >= total) return;
    const remaining = remainingSeconds === undefined ? null : round(remainingSeconds);
    this.tell({ path, bytes, total, rate: Math.round(bytesPerSecond), remaining });
  }

  /** Everything is there, `total` bytes. */
  end(path: string, total: number): void {
    const seconds = (performance.now() - this.begun) / 1000;
    const rate = Math.round(total / Math.max(seconds, 0.001));
    this.tell({ path, bytes: total, total, rate, remaining: 0 });
  }

  /** A message of its own: the one that is worked on may hold a whole file. */
  private tell(progress: Omit<ProgressPayload, 'board' | 'percent'>): void {
    if (!this.wanted) return;
    const { msg, name } = this.turn;
    const { bytes, total } = progress;
    const percent = total === 0 ? 100 : Math.floor((100 * bytes) / total);
    const payload: ProgressPayload = { board: name, ...progress, percent };
    const { _msgid, topic } = msg;
    this.turn.aside({
      _msgid,
      ...(topic !== undefined && { topic }),
      board: name,
      payload,
    } as Message);
  }
}

function round(seconds: number): number {
  return Math.round(seconds * 10) / 10;
}
