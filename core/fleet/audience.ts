import { matches, type Pattern } from './filters';
import type { FleetListener } from './types';

/** What a listener can be told. */
export type Topic = 'log' | 'crash' | 'sysinfo' | 'presence';

interface Seat {
  patterns: Pattern[];
  listener: FleetListener;
}

/** Who of all listeners is told of one board. */
export interface Listeners {
  readonly version: number;
  log: FleetListener[];
  crash: FleetListener[];
  sysinfo: FleetListener[];
  presence: FleetListener[];
}

/** Who listens to which boards. */
export class Audience {
  private readonly seats = new Set<Seat>();
  /** Changes with each change, so that what was found out about a board need not be again. */
  private version = 0;

  add(patterns: Pattern[], listener: FleetListener): () => void {
    const seat = { patterns, listener };
    this.seats.add(seat);
    this.version++;
    return () => {
      this.seats.delete(seat);
      this.version++;
    };
  }

  /** Of all who are to be told of `topic`. */
  patterns(topic: Topic): Pattern[] {
    return [...this.seats].flatMap(({ patterns, listener }) => (listener[topic] ? patterns : []));
  }

  /** `known` is what this returned before for the same board; it is returned while it holds. */
  listeners(board: string, known: Listeners | undefined): Listeners {
    if (known?.version === this.version) return known;
    const name = board.split('/');
    const found: Listeners = {
      version: this.version,
      log: [],
      crash: [],
      sysinfo: [],
      presence: [],
    };
    for (const { patterns, listener } of this.seats) {
      if (!patterns.some((pattern) => matches(pattern, name))) continue;
      for (const topic of ['log', 'crash', 'sysinfo', 'presence'] as const) {
        if (listener[topic]) found[topic].push(listener);
      }
    }
    return found;
  }
}

/**
 * Tells all of `listeners`, the last one `event` itself and the others copies: who is told may change it.
 * What goes wrong in one of them must not keep the others from hearing it. Returns false then.
 */
export function tell<T>(
  listeners: FleetListener[],
  call: (listener: FleetListener, event: T) => void,
  event: T,
  copy: (event: T) => T = structuredClone,
): boolean {
  let fine = true;
  for (const [index, listener] of listeners.entries()) {
    try {
      call(listener, index === listeners.length - 1 ? event : copy(event));
    } catch (error) {
      fine = false;
      process.emitWarning(error instanceof Error ? error : String(error));
    }
  }
  return fine;
}
