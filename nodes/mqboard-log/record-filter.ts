import type { LogRecord } from '../../core/index';

/** How many loggers are remembered as wanted or not; names that a board makes up must not pile up. */
const MOST_NAMES = 10_000;

/** What tells of lines that are missing. It always passes: they may have been of a wanted kind. */
export function tellsOfLoss(record: LogRecord): boolean {
  return record.missing !== undefined || record.lost !== undefined;
}

/** A pattern of names, in which `*` stands for any text. */
function matcher(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's');
}

/** Which records a flow wants: those of a level at least, and of some loggers. */
export class RecordFilter {
  private readonly wanted: RegExp[];
  private readonly leftOut: RegExp[];
  private readonly names = new Map<string, boolean>();

  /** @param loggers names with `*`; one with `!` in front leaves out. None, or only such: all others. */
  constructor(
    private readonly level: number,
    loggers: string[],
  ) {
    this.wanted = loggers.filter((name) => !name.startsWith('!')).map(matcher);
    this.leftOut = loggers
      .filter((name) => name.startsWith('!'))
      .map((name) => matcher(name.slice(1)));
  }

  passes(record: LogRecord): boolean {
    return tellsOfLoss(record) || (record.level >= this.level && this.isWanted(record.name));
  }

  private isWanted(name: string): boolean {
    let wanted = this.names.get(name);
    if (wanted === undefined) {
      wanted =
        (this.wanted.length === 0 || this.wanted.some((pattern) => pattern.test(name))) &&
        !this.leftOut.some((pattern) => pattern.test(name));
      if (this.names.size >= MOST_NAMES) this.names.clear();
      this.names.set(name, wanted);
    }
    return wanted;
  }
}
