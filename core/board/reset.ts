import { setTimeout as sleep } from 'node:timers/promises';
import { BoardRestartedError, BoardTimeoutError } from '../protocol/errors';
import { type Call, callBoard, speaksV2, type Way } from './call';
import { Deadline } from './deadline';
import { ask } from './files/ask';
import { refused } from './refused';
import type { ResetHow, ResetOptions } from './updates/types';
import { evalV1 } from './v1/eval';

const TIMEOUT_MS = 10_000;
const WAIT_MS = 60_000;
/** A board of version 1 restarts with its answer on the way, or without one. */
const ANSWER_MS = 2_000;
const PAUSE_MS = 1_000;

/** What the original's own tool has a board run. */
const V1: Record<ResetHow, string> = {
  normal: "sys.modules['watchdog'].reset('n')",
  safe: "sys.modules['watchdog'].reset('f')",
  soft: "sys.modules['watchdog'].reset('s')",
  hard: 'machine.reset()',
};

/** Restarts a board by the version of the wire that it speaks. */
export async function reset(way: Way, how: ResetHow, options: ResetOptions): Promise<void> {
  const { why, wait = false, signal, timeoutMs = wait ? WAIT_MS : TIMEOUT_MS } = options;
  await callBoard(way, { timeoutMs, signal }, async (call) => {
    if (!speaksV2(way)) return byV1(call, how, wait);
    const before = way.presence.info?.boot;
    await byV2(call, how, why);
    if (wait) await untilAnotherBoot(call, before);
  });
}

async function byV2(call: Call, how: ResetHow, why: string | undefined): Promise<void> {
  try {
    await ask(call, {
      do: 'reset',
      keys: { how, ...(why !== undefined && { why }) },
      failed: refused,
      unknown: 'Its firmware is older than that: eval "machine.reset()" restarts it.',
    });
  } catch (error) {
    // It was faster than its answer.
    if (!(error instanceof BoardRestartedError)) throw error;
  }
  call.way.hello.forget();
}

function untilAnotherBoot({ way, deadline }: Call, before: number | undefined): Promise<void> {
  const { presence } = way;
  let stop = () => {};
  const back = new Promise<void>((resolve) => {
    const look = () => {
      if (presence.status === 'online' && presence.info?.boot !== before) resolve();
    };
    presence.on('change', look);
    stop = () => presence.off('change', look);
    look();
  });
  return deadline.limit(back).finally(() => stop());
}

async function byV1(call: Call, how: ResetHow, wait: boolean): Promise<void> {
  // Whether it is there: it need not answer what restarts it.
  await evalV1(call, 'None');
  await briefly(call, V1[how]);
  if (!wait) return;
  await call.deadline.limit(sleep(PAUSE_MS));
  while (!(await briefly(call, 'None'))) call.deadline.signal.throwIfAborted();
}

/** Returns whether an answer came within a short time. */
async function briefly(call: Call, source: string): Promise<boolean> {
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
