import type { Connection } from '../link/connection';
import { NotConnectedError } from '../protocol/errors';
import { Deadline } from './deadline';
import type { Hello } from './hello';
import type { HostChannel } from './host-channel';
import type { Presence } from './presence';
import { Story } from './story';

/** What belongs to one board, whatever is asked of it. */
export interface Way {
  readonly prefix: string;
  readonly connection: Connection;
  readonly presence: Presence;
  readonly channel: HostChannel;
  readonly hello: Hello;
  /** Aborts when the board is closed. */
  readonly closing: AbortSignal;
}

/** What belongs to one call of a board's method. */
export interface Call {
  way: Way;
  deadline: Deadline;
  story: Story;
}

export interface CallOptions {
  timeoutMs: number;
  signal?: AbortSignal | undefined;
  /** The time is one without a certain event, that renews it: in words, such as 'made no progress for'. */
  idle?: string;
  /** It is not refused at once, so there may be something to wait for. */
  onWaiting?: (() => void) | undefined;
}

/**
 * Runs one call with its deadline, as soon as it is known what the board is.
 * @throws NotConnectedError, BoardOfflineError, AbortedError, BoardTimeoutError, or what `run` throws.
 */
export async function callBoard<T>(
  way: Way,
  { timeoutMs, signal, idle, onWaiting }: CallOptions,
  run: (call: Call) => Promise<T>,
): Promise<T> {
  const { connection, presence } = way;
  const story = new Story(way.prefix, connection, presence);
  const signals = signal ? [way.closing, signal] : [way.closing];
  const deadline = new Deadline(timeoutMs, signals, () => {
    return story.timeoutError(
      idle === undefined ? undefined : { what: idle, milliseconds: timeoutMs },
    );
  });
  try {
    deadline.signal.throwIfAborted();
    if (connection.state !== 'connected') throw new NotConnectedError();
    onWaiting?.();
    if (!presence.isKnown) await deadline.limit(presence.contact(deadline.signal));
    if (presence.status === 'offline') throw story.offlineError();
    return await run({ way, deadline, story });
  } finally {
    deadline.clear();
  }
}

/** Whether the board understands version 2 of the wire. */
export function speaksV2({ presence }: Way): boolean {
  return (presence.info?.wire ?? 1) >= 2;
}
