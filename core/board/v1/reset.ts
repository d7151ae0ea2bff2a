import { setTimeout as sleep } from 'node:timers/promises';
import { BoardTimeoutError } from '../../protocol/errors';
import type { Call } from '../call';
import { Deadline } from '../deadline';
import type { ResetHow } from '../updates/types';
import { evalV1 } from './eval';

/** The board restarts with its answer on the way, or without one. */
const ANSWER_MS = 2_000;
const PAUSE_MS = 1_000;

/** What the original's own tool has a board run; `hard` it has not. */
const SOURCE: Record<ResetHow, string> = {
  normal: "sys.modules['watchdog'].reset('n')",
  safe: "sys.modules['watchdog'].reset('f')",
  soft: "sys.modules['watchdog'].reset('s')",
  hard: 'machine.reset()',
};

/**
 * Restarts a board by version 1.
 * @throws BoardError where it has no module `watchdog`; what ended the deadline.
 */
export async function resetV1(call: Call, how: ResetHow, wait: boolean): Promise<void> {
  // Whether it is there: it need not answer what restarts it.
  await evalV1(call, 'None');
  await answers(call, SOURCE[how]);
  if (!wait) return;
  await call.deadline.limit(sleep(PAUSE_MS));
  while (!(await answers(call, 'None'))) call.deadline.signal.throwIfAborted();
}

/** Returns whether an answer came within a short time. */
async function answers(call: Call, source: string): Promise<boolean> {
  const { deadline, story } = call;
  const brief = new Deadline(ANSWER_MS, [deadline.signal], () => story.timeoutError());
  try {
    await evalV1({ ...call, deadline: brief }, source);
    return true;
  } catch (error) {
    if (error instanceof BoardTimeoutError && !deadline.signal.aborted) return false;
    throw error;
  } finally {
    brief.clear();
  }
}
