import type { Boards } from '../board/boards';
import type { KnownBoard } from './types';

/** So many boards are told at the same time. */
const AT_ONCE = 8;
/** Who invents boards and crashes must not fill the host; what is left out is told again some day. */
const MOST_IDS = 50;
const MOST_BOARDS = 1000;

/** Tells boards that their crash reports have arrived, so that they need not tell them again. */
export class Acknowledger {
  /** By prefix: the ids that the board is to be told. */
  private readonly waiting = new Map<string, Set<string>>();
  /** Prefixes of boards to be told now, in order. */
  private readonly queue = new Set<string>();
  private readonly busy = new Set<string>();

  constructor(private readonly boards: Boards) {}

  add(known: KnownBoard, id: string): void {
    const { prefix } = known;
    const ids = this.waiting.get(prefix) ?? new Set();
    if (ids.size >= MOST_IDS) return;
    const [oldest = prefix] = this.waiting.keys();
    if (ids.size === 0 && this.waiting.size >= MOST_BOARDS) this.waiting.delete(oldest);
    this.waiting.set(prefix, ids.add(id));
    this.again(known);
  }

  /** The board may be reached now; before, it was not, or it was not known what it can do. */
  again({ prefix, info, online }: KnownBoard): void {
    if (!this.waiting.has(prefix) || online === false || !info?.do.includes('crash')) return;
    this.queue.add(prefix);
    this.next();
  }

  close(): void {
    this.waiting.clear();
    this.queue.clear();
  }

  private next(): void {
    for (const prefix of this.queue) {
      if (this.busy.size >= AT_ONCE) return;
      if (this.busy.has(prefix)) continue;
      this.queue.delete(prefix);
      const ids = this.waiting.get(prefix);
      if (ids === undefined) continue;
      this.busy.add(prefix);
      void this.acknowledge(prefix, [...ids]);
    }
  }

  private async acknowledge(prefix: string, ids: string[]): Promise<void> {
    try {
      await this.boards.get(prefix).seenCrashes(ids);
      const left = this.waiting.get(prefix);
      for (const id of ids) left?.delete(id);
      if (left?.size === 0) this.waiting.delete(prefix);
    } catch {
      // Offline, restarting or busy: once more when it is back, or when it tells the report again.
    }
    this.busy.delete(prefix);
    this.next();
  }
}
