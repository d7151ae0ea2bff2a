import { setTimeout as sleep } from 'node:timers/promises';
import { BoardRestartedError, NotConnectedError, OutputLostError } from '../../protocol/errors';
import { BoardFileError } from '../../protocol/file-errors';
import type { Call } from '../call';

/** The longest that a transfer may go without progress, where nothing else is said; and the words for it. */
export const TRANSFER_MS = 60_000;
export const STALLED = 'made no progress for';

/** What may be otherwise the next time. */
const TRY_AGAIN = ['silent', 'changed', 'corrupt'];
/** A file that differs so often will differ again. */
const DIFFERS_AT_MOST = 2;
const PAUSE_MS = 250;

/** Starts a transfer again, which does no harm, as long as its call has time and there is hope. */
export async function persist<T>(call: Call, attempt: () => Promise<T>): Promise<T> {
  let differed = 0;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      call.deadline.signal.throwIfAborted();
      if (!mayEndBetter(error)) throw error;
      const differs = error instanceof BoardFileError && error.reason !== 'silent';
      if (differs && ++differed > DIFFERS_AT_MOST) throw error;
      call.way.hello.forget();
      await call.deadline.limit(sleep(PAUSE_MS));
      await untilBack(call);
    }
  }
}

function mayEndBetter(error: unknown): boolean {
  if (error instanceof BoardFileError) return TRY_AGAIN.includes(error.reason);
  return (
    error instanceof BoardRestartedError ||
    error instanceof NotConnectedError ||
    error instanceof OutputLostError
  );
}

/** Waits until there is a board to start with. */
function untilBack({ way: { connection, presence }, deadline }: Call): Promise<void> {
  let stop = () => {};
  const back = new Promise<void>((resolve) => {
    const look = () => {
      const known = connection.state === 'connected' && presence.isKnown;
      if (known && presence.status !== 'offline') resolve();
    };
    connection.on('connected', look);
    presence.on('change', look);
    stop = () => {
      connection.off('connected', look);
      presence.off('change', look);
    };
    look();
  });
  return deadline.limit(back).finally(() => stop());
}
