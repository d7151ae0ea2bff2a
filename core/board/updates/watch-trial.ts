import { BoardTimeoutError } from '../../protocol/errors';
import type { BoardInfo } from '../../protocol/info';
import type { UpdateInfo } from '../../protocol/update-info';
import type { Way } from '../call';
import { Deadline } from '../deadline';
import type { UpdateOptions } from './types';

const TRIAL_MS = 15 * 60_000;
/** A board tells how it ended before it says that it is online; whoever is told may want to command it at once. */
const ONLINE_MS = 5_000;

export interface Watched {
  /** What is waited for, for the words of a timeout. */
  name: string;
  /** Whether the board speaks of the update that is waited for. */
  isIt: (update: UpdateInfo) => boolean;
  /** The boot in which the board took it up, where it has said so: only a later one can know nothing of it. */
  boot: number | undefined;
}

/**
 * Waits until a board says what became of an update. Returns undefined when it is there and knows nothing of it.
 * @throws BoardTimeoutError; AbortedError.
 */
export async function watchTrial(
  way: Way,
  watched: Watched,
  { trialMs = TRIAL_MS, signal, onProgress }: UpdateOptions,
): Promise<UpdateInfo | undefined> {
  const { presence, connection, closing } = way;
  const signals = signal ? [closing, signal] : [closing];
  const deadline = new Deadline(trialMs, signals, () => timeoutError(way, watched, trialMs));
  let onTrial = false;
  let grace: NodeJS.Timeout | undefined;
  let stop = () => {};
  try {
    const told = new Promise<UpdateInfo | undefined>((resolve) => {
      const look = () => {
        const { info, status } = presence;
        const update = info?.update;
        if (update && watched.isIt(update)) {
          if (update.state !== 'trial') {
            if (status !== 'offline') resolve(update);
            else grace ??= setTimeout(() => resolve(update), ONLINE_MS);
          } else if (!onTrial && isThere(way) && info.boot !== watched.boot) {
            onTrial = true;
            onProgress?.({ phase: 'trial' });
          }
        } else if (status !== 'offline' && isThere(way) && knowsNothing(info, watched)) {
          resolve(undefined);
        }
      };
      presence.on('change', look);
      connection.on('connected', look);
      stop = () => {
        presence.off('change', look);
        connection.off('connected', look);
      };
      look();
    });
    return await deadline.limit(told);
  } finally {
    stop();
    clearTimeout(grace);
    deadline.clear();
  }
}

/** Whether what is known of the board is of now. */
function isThere({ connection, presence }: Way): boolean {
  return connection.state === 'connected' && presence.isKnown && presence.status !== 'offline';
}

function knowsNothing(info: BoardInfo | undefined, { boot }: Watched): boolean {
  return info !== undefined && info.boot !== boot;
}

function timeoutError(way: Way, { name, isIt }: Watched, trialMs: number): BoardTimeoutError {
  const { info, status } = way.presence;
  const within = `${Math.round(trialMs / 1000)} s`;
  const onTrial = info?.update !== undefined && isIt(info.update);
  const state =
    way.connection.state !== 'connected'
      ? 'the connection to the broker is lost'
      : status === 'offline'
        ? 'it is offline'
        : onTrial
          ? 'it is still on trial'
          : 'it has not restarted yet';
  return new BoardTimeoutError(
    `The board ${way.prefix} did not say within ${within} what became of ${name}: ${state}. ` +
      'It goes on by itself, and its info says how it ends.',
  );
}
