/** Of so many boots it is remembered which lines came: late ones of the boot before are told apart. */
const REMEMBERED = 2;

/** What the number of a line says about those that should have come before it. */
export interface Counted {
  /** So many lines before it never arrived. */
  missing: number;
  /** So many lines that a notice of the board counts as dropped. */
  lost: number;
}

/** Tells from the numbers of one board's lines which are there twice, and how many are not there. */
export class LogCount {
  /** By boot: the number of the last line; the newest boot last. */
  private readonly boots = new Map<string, number>();

  /** Number of the last line of a boot that came, of which any came. */
  lastOf(boot: string): number | undefined {
    return this.boots.get(boot);
  }

  /**
   * A boot begins, as the board says. One in 4096 looks like another that is remembered, which must not be taken
   * for it: but what came of it already, before the board said so, is its own.
   */
  begin(boot: string, before: string): void {
    const newest = [...this.boots.keys()].at(-1);
    if (this.boots.has(boot) && (newest !== boot || boot === before)) this.set(boot, 0);
  }

  /** What a host knew before it was restarted. */
  set(boot: string, seq: number): void {
    this.boots.delete(boot);
    this.boots.set(boot, seq);
    const [oldest = boot] = this.boots.keys();
    if (this.boots.size > REMEMBERED) this.boots.delete(oldest);
  }

  /** Takes a line. `lost` is what it says itself, where it is a notice. Returns undefined for a repeated one. */
  take(boot: string, seq: number, lost: number): Counted | undefined {
    // Of a board that was never heard of it is not known what came before.
    const own = Math.max(1, lost);
    const last = this.boots.get(boot) ?? (this.boots.size === 0 ? seq - own : 0);
    if (seq <= last) return undefined;
    if (this.boots.has(boot)) this.boots.set(boot, seq);
    else this.set(boot, seq);
    const before = seq - last - (lost === 0 ? 1 : 0);
    // A notice can grow after a first copy of it has arrived: only what is new counts.
    const counted = Math.min(lost, before);
    return { missing: before - counted, lost: counted };
  }
}
