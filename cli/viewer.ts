import {
  BoardOfflineError,
  type CrashEvent,
  type FleetListener,
  type LogRecord,
  type PresenceEvent,
} from '../core/index';
import type { Scene } from './fleet-command';
import {
  countedLines,
  crashLines,
  eventLine,
  presenceLines,
  recordLines,
  type ShownLine,
} from './log-lines';
import type { Screen } from './screen';
import { SinceBoot } from './since-boot';

export interface ViewerOptions {
  /** The lowest level that is shown. */
  least: number;
  /** The loggers that are shown; none: all. */
  loggers: Set<string>;
  /** First what a board remembers of its boot. */
  sinceBoot: boolean;
}

/** Shows what boards say and what happens to them, as it comes. */
export class Viewer implements FleetListener {
  /** It looks on: that a host has a crash is for the one to say that does something about it. */
  readonly acknowledge = false;
  private readonly boots = new Map<string, SinceBoot>();

  constructor(
    private readonly scene: Scene,
    private readonly screen: Screen,
    private readonly options: ViewerOptions,
  ) {}

  log(record: LogRecord): void {
    void this.catchUp(record.board);
    const boot = this.boots.get(record.board);
    if (boot) boot.live(record);
    else this.record(record);
  }

  crash(crash: CrashEvent): void {
    // Its traceback was in the log just now.
    if (crash.kind !== 'logged') this.show('crash', crash, crashLines(crash));
  }

  presence(event: PresenceEvent): void {
    this.show('presence', event, presenceLines(event));
    if (event.event === 'online') void this.catchUp(event.board);
  }

  /** Shows what a board remembers, once, where that was asked for. */
  async catchUp(board: string): Promise<void> {
    const { boards, options, say } = this.scene;
    if (!this.options.sinceBoot || this.boots.has(board)) return;
    const boot = new SinceBoot((record) => this.record(record));
    this.boots.set(board, boot);
    try {
      const records = await boards.get(board).logLines(options);
      this.forgotten(board, records);
      boot.remembered(records);
    } catch (error) {
      // It is asked when it comes back.
      if (error instanceof BoardOfflineError) this.boots.delete(board);
      else say(`What ${board} remembers cannot be shown: ${(error as Error).message}`);
      boot.remembered([]);
    }
  }

  /** Says how much of the boot is not in what the board remembers, where it counts. */
  private forgotten(board: string, records: LogRecord[]): void {
    const there = records.reduce((sum, { lines, lost = 0 }) => sum + lines + lost, 0);
    const forgotten = (records.at(-1)?.seq ?? 0) - there;
    if (forgotten <= 0) return;
    const text = `${countedLines(forgotten)} of this boot are remembered no more`;
    this.show('forgotten', { board, lines: forgotten }, [eventLine(new Date(), text, 'warning')]);
  }

  /** What is not there has no level and no logger that could be left out. */
  private record(record: LogRecord): void {
    const { least, loggers } = this.options;
    const isGap = record.missing !== undefined || record.lost !== undefined;
    const isWanted = record.level >= least && (loggers.size === 0 || loggers.has(record.name));
    if (isGap || isWanted) this.show('log', record, recordLines(record));
  }

  private show<T extends { board: string }>(type: string, said: T, lines: ShownLine[]): void {
    const { json, result } = this.scene;
    if (json) result('', { type, ...said });
    else this.screen.show(said.board, lines);
  }
}
