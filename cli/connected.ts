import { AbortedError, type Connection } from '../core/index';

/** Waits for the broker's first word: a terminal wants to know at once what is wrong. */
export function connected(connection: Connection, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.once('connected', resolve);
    connection.once('disconnected', ({ error }) => reject(error));
    connection.once('refused', ({ error }) => reject(error));
    const abort = () => reject(new AbortedError());
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    connection.open();
  });
}
