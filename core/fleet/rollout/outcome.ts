import {
  BoardOfflineError,
  BoardRefusedError,
  BoardTimeoutError,
  InvalidInputError,
  MqboardError,
} from '../../protocol/errors';
import { BoardFileError } from '../../protocol/file-errors';
import type { BoardOutcome } from './types';

/** What a failed try means. */
export interface Failure {
  outcome: Extract<BoardOutcome, 'failed' | 'unreachable' | 'refused'>;
  reason: string;
  /** Another try may end otherwise. */
  again: boolean;
}

/** The board has not what it takes, and will not have it later either. */
const NEVER = ['needs', 'slots'];

/**
 * @param started The board had begun to restart into what is new: then nobody knows what it runs. It is no board
 * that was just not there, and sending it the same again would tell nothing.
 */
export function failureOf(error: unknown, started: boolean): Failure {
  const reason = error instanceof Error ? error.message : String(error);
  if (started || !(error instanceof MqboardError)) {
    return { outcome: 'failed', reason, again: false };
  }
  if (error instanceof InvalidInputError) return { outcome: 'refused', reason, again: false };
  if (error instanceof BoardRefusedError) {
    const busy = error.reason === 'busy';
    return { outcome: busy ? 'failed' : 'refused', reason, again: busy };
  }
  if (error instanceof BoardFileError) {
    const never = NEVER.includes(error.reason);
    return { outcome: never ? 'refused' : 'failed', reason, again: !never };
  }
  const away = error instanceof BoardOfflineError || error instanceof BoardTimeoutError;
  return { outcome: away ? 'unreachable' : 'failed', reason, again: !away };
}
