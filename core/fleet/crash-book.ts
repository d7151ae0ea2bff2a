/** A board that invents crashes must not fill the host. */
const MOST = 50;

/** How often a crash came, and when; UNIX milliseconds. */
export interface CrashCount {
  count: number;
  first: number;
  last: number;
}

/** A crash book as it is written down. */
export interface SavedCrashBook {
  signatures: Array<[signature: string, counted: CrashCount]>;
  reports: Array<[id: string, again: number]>;
}

/** Counts the crashes of one board by signature, each report once however often it is told. */
export class CrashBook {
  private readonly signatures: Map<string, CrashCount>;
  /** By id: how often the same had come again, when it was told last. */
  private readonly reports: Map<string, number>;
  private lastSerial = 0;

  constructor({ signatures, reports }: SavedCrashBook = { signatures: [], reports: [] }) {
    this.signatures = new Map(signatures);
    this.reports = new Map(reports);
  }

  /** How many crashes a report tells of that are not counted yet. */
  news(id: string, again: number): number {
    const known = this.reports.get(id);
    return known === undefined ? 1 + again : Math.max(0, again - known);
  }

  /** The report was told, and need not be again. */
  told(id: string, again: number): void {
    put(this.reports, id, again);
  }

  /** Counts `times` more crashes. `at` is when the last one happened. */
  count(signature: string, times: number, at: number): CrashCount {
    const { count, first, last } = this.signatures.get(signature) ?? {
      count: 0,
      first: at,
      last: at,
    };
    const counted = {
      count: count + times,
      first: Math.min(first, at),
      last: Math.max(last, at),
    };
    put(this.signatures, signature, counted);
    return counted;
  }

  /** A number that no other crash of this board has had since the host was started. */
  serial(): number {
    this.lastSerial++;
    return this.lastSerial;
  }

  toJSON(): SavedCrashBook | undefined {
    if (this.signatures.size === 0 && this.reports.size === 0) return undefined;
    return { signatures: [...this.signatures], reports: [...this.reports] };
  }
}

/** Puts an entry at the end, and drops the one at the beginning when there are too many. */
function put<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  const [oldest = key] = map.keys();
  if (map.size > MOST) map.delete(oldest);
}
