import { AbortedError } from '../../core/index';

/** Cancels all parts of one piece of work. Each part has a signal of its own. */
export class Cancellation {
  cancelled = false;
  private readonly parts = new Set<AbortController>();

  /** Runs `part` with a signal that aborts when the whole is cancelled. */
  async during<T>(part: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    if (this.cancelled) controller.abort(new AbortedError());
    this.parts.add(controller);
    try {
      return await part(controller.signal);
    } finally {
      this.parts.delete(controller);
    }
  }

  cancel(): void {
    this.cancelled = true;
    for (const controller of this.parts) controller.abort(new AbortedError());
  }
}
