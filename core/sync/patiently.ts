import { setTimeout as sleep } from 'node:timers/promises';
import {
  BoardOfflineError,
  BoardRestartedError,
  NotConnectedError,
  OutputLostError,
} from '../protocol/errors';
import { throwIfAborted } from './cancel';

const PAUSE_MS = 250;
const PASSING = [BoardOfflineError, BoardRestartedError, NotConnectedError, OutputLostError];

/**
 * Does what can be done twice again and again while the board or the broker is away, as transfers do by
 * themselves, but no longer than `timeoutMs`.
 */
export async function patiently<T>(
  timeoutMs: number,
  signal: AbortSignal | undefined,
  act: () => Promise<T>,
): Promise<T> {
  const begun = performance.now();
  for (;;) {
    try {
      return await act();
    } catch (error) {
      const mayPass = PASSING.some((kind) => error instanceof kind);
      if (!mayPass || performance.now() - begun > timeoutMs) throw error;
    }
    await sleep(PAUSE_MS, undefined, signal && { signal }).catch(() => {});
    throwIfAborted(signal);
  }
}
