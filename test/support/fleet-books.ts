import { once } from 'node:events';
import {
  Boards,
  type Connection,
  Fleet,
  type LogRecord,
  type PresenceEvent,
} from '../../core/index';
import type { Workbench } from '../core/support';

/** What a Fleet says became of the lines of a boot. */
export interface Sums {
  arrived: number;
  /** Dropped by the board, as it says. */
  lost: number;
  /** Never arrived. */
  missing: number;
}

/** The books of one board's log as core keeps them. */
export class FleetBooks {
  /** By the mark of the boot. */
  readonly sums = new Map<string, Sums>();
  readonly boots: PresenceEvent[] = [];

  private constructor(private readonly fleet: Fleet) {}

  static async open(
    bench: Workbench,
    connection: Connection,
    board: string,
    log: (record: LogRecord) => void = () => {},
  ): Promise<FleetBooks> {
    const boards = bench.keep(new Boards(connection), (kept) => kept.close());
    const fleet = bench.keep(new Fleet(connection, boards), (kept) => kept.close());
    const books = new FleetBooks(fleet);
    await fleet.watch([board], {
      log: (record) => {
        books.take(record);
        log(record);
      },
      presence: (event) => {
        if (event.event === 'booted') books.boots.push(event);
      },
    });
    return books;
  }

  /** Waits until the board has booted so many times. */
  async booted(times: number): Promise<PresenceEvent> {
    for (;;) {
      const event = this.boots[times - 1];
      if (event) return event;
      await once(this.fleet, 'change');
    }
  }

  private take({ boot = '', lines, lost = 0, missing = 0 }: LogRecord): void {
    const sums = this.sums.get(boot) ?? { arrived: 0, lost: 0, missing: 0 };
    this.sums.set(boot, sums);
    sums.arrived += lines;
    sums.lost += lost;
    sums.missing += missing;
  }
}
