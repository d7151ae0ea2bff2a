import { AbortedError } from '../../protocol/errors';
import type { Way } from '../call';
import { unlessAborted } from '../deadline';

/** Of each board, what is over when nothing is brought to it any more. */
const busy = new WeakMap<Way, Promise<unknown>>();

/**
 * Does this when whatever was brought to the board before has its end: two at the same time would mix in
 * its slots, and the one would be tried in the other's name.
 * @throws AbortedError when it is cancelled while it waits
 */
export function inTurn<T>(
  way: Way,
  signal: AbortSignal | undefined,
  run: () => Promise<T>,
): Promise<T> {
  const before = busy.get(way) ?? Promise.resolve();
  const end = signal ? AbortSignal.any([way.closing, signal]) : way.closing;
  const mine = unlessAborted(before, end).then(run, () => {
    throw new AbortedError();
  });
  busy.set(
    way,
    Promise.allSettled([before, mine]).then(() => {}),
  );
  return mine;
}
