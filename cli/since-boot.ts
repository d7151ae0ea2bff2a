import type { LogRecord } from '../core/index';

/**
 * Puts what a board remembers of its boot before what it says meanwhile, and leaves out what came both
 * ways: lines that wait to be acknowledged are in its memory, too.
 */
export class SinceBoot {
  /** What came live before the memory was read; undefined afterwards. */
  private waiting: LogRecord[] | undefined = [];
  private boot: string | undefined;
  private last = 0;
  /** Of a board that does not number its lines. */
  private readonly unnumbered = new Set<string>();

  constructor(private readonly show: (record: LogRecord) => void) {}

  live(record: LogRecord): void {
    if (this.waiting) this.waiting.push(record);
    else if (!this.isShown(record)) this.show(record);
  }

  /** To be called once; with nothing where the board could not be asked. */
  remembered(records: LogRecord[]): void {
    for (const record of records) {
      this.show(record);
      if (record.seq === undefined) this.unnumbered.add(sameness(record));
      else [this.boot, this.last] = [record.boot, record.seq];
    }
    const live = this.waiting ?? [];
    this.waiting = undefined;
    for (const record of live) this.live(record);
  }

  private isShown(record: LogRecord): boolean {
    const { boot, seq } = record;
    if (seq === undefined) return this.unnumbered.has(sameness(record));
    return boot === this.boot && seq <= this.last;
  }
}

function sameness({ bootTime, time, name, message }: LogRecord): string {
  return `${bootTime ?? time?.getTime()} ${name} ${message}`;
}
