import { AbortedError, MqboardError } from '../../core/index';

/** Whoever has the turn calls it when he is done. */
type Release = () => void;

interface Waiting {
  start(): void;
}

/**
 * Lets one task at a time run for each key, in the order of their arrival, and tasks of different
 * keys side by side. The number of those who wait for one key is limited: a flow that asks faster than
 * a board answers would otherwise fill the memory.
 */
export class KeyedQueue {
  private readonly lanes = new Map<string, Waiting[]>();

  constructor(private readonly limit: number) {}

  /** How many tasks wait for their turn, over all keys. */
  get waiting(): number {
    let count = 0;
    for (const lane of this.lanes.values()) count += lane.length;
    return count;
  }

  /**
   * Runs `task` when its turn has come, and settles with it.
   * @throws MqboardError at once when too many wait; AbortedError when `signal` aborts the waiting.
   */
  async run<T>(key: string, task: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const release = await this.turn(key, signal);
    try {
      return await task();
    } finally {
      release();
    }
  }

  private turn(key: string, signal: AbortSignal): Promise<Release> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(new AbortedError());
      const release = () => this.next(key);
      const lane = this.lanes.get(key);
      if (!lane) {
        this.lanes.set(key, []);
        return resolve(release);
      }
      if (lane.length >= this.limit) return reject(full(key, this.limit));
      const leave = () => {
        lane.splice(lane.indexOf(waiting), 1);
        reject(new AbortedError());
      };
      const waiting = {
        start: () => {
          signal.removeEventListener('abort', leave);
          resolve(release);
        },
      };
      lane.push(waiting);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  private next(key: string): void {
    const waiting = this.lanes.get(key)?.shift();
    if (waiting) waiting.start();
    else this.lanes.delete(key);
  }
}

function full(key: string, limit: number): MqboardError {
  return new MqboardError(
    'QUEUE_FULL',
    'queue full',
    `${limit} messages wait for the board "${key}" already, so this one was not taken. ` +
      'Send them more slowly, or reset the waiting ones with msg.cancel = true.',
  );
}
