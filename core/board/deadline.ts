import { AbortedError, MqboardError } from '../protocol/errors';

/** The longest that setTimeout can wait; beyond, it would fire at once. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * The end that is set to one command: its time, its caller's signal, or its board being closed,
 * whichever comes first. `signal.reason` is then the error to end with. Where the time is one without
 * progress, `renew` is called for each progress.
 */
export class Deadline {
  readonly signal: AbortSignal;
  private readonly ending = new AbortController();
  private readonly milliseconds: number;
  private timer: NodeJS.Timeout;
  private endsAt: number;
  private readonly undo: Array<() => void> = [];

  constructor(timeoutMs: number, signals: AbortSignal[], timeoutError: () => Error) {
    this.milliseconds = Math.max(1, Math.min(timeoutMs, LONGEST_MS));
    this.signal = this.ending.signal;
    this.endsAt = performance.now() + this.milliseconds;
    // Many a progress is made while one timer runs: only when it is over is it looked at the clock.
    const look = () => {
      if (this.remainingMs < 1) this.ending.abort(timeoutError());
      else this.timer = setTimeout(look, this.remainingMs);
    };
    this.timer = setTimeout(look, this.milliseconds);
    for (const signal of signals) this.follow(signal);
  }

  private follow(signal: AbortSignal): void {
    const end = () => {
      const { reason } = signal;
      this.ending.abort(reason instanceof MqboardError ? reason : new AbortedError());
    };
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
    this.undo.push(() => signal.removeEventListener('abort', end));
  }

  /** There was progress: the time starts anew. */
  renew(): void {
    this.endsAt = performance.now() + this.milliseconds;
  }

  get remainingMs(): number {
    return Math.max(0, this.endsAt - performance.now());
  }

  /** Stops waiting for `promise` when the end comes first. What the promise does then is nobody's. */
  limit<T>(promise: Promise<T>): Promise<T> {
    return unlessAborted(promise, this.signal);
  }

  /** It is over: releases the timer and the signals, and ends what still runs. */
  clear(): void {
    clearTimeout(this.timer);
    this.ending.abort(new AbortedError());
    for (const undo of this.undo) undo();
  }
}

export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
