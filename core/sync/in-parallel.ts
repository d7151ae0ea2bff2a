import { throwIfAborted } from './cancel';

/**
 * Does `work` for each item, so many at a time and in their order. The first that fails stops the others by
 * their signal, and its error is thrown when all have ended; so does `signal`.
 */
export async function inParallel<T>(
  items: readonly T[],
  atATime: number,
  signal: AbortSignal | undefined,
  work: (item: T, stop: AbortSignal) => Promise<void>,
): Promise<void> {
  const failing = new AbortController();
  const stop = signal ? AbortSignal.any([signal, failing.signal]) : failing.signal;
  const queue = items.values();
  let failure: { error: unknown } | undefined;
  const worker = async () => {
    for (const item of queue) {
      if (stop.aborted) return;
      try {
        await work(item, stop);
      } catch (error) {
        failure ??= { error };
        failing.abort();
      }
    }
  };
  await Promise.all(Array.from({ length: atATime }, worker));
  if (failure) throw failure.error;
  throwIfAborted(signal);
}
