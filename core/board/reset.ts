import { BoardRestartedError } from '../protocol/errors';
import { type Call, callBoard, speaksV2, type Way } from './call';
import { ask } from './files/ask';
import { keep } from './logs';
import { refused } from './refused';
import type { ResetHow, ResetOptions } from './updates/types';
import { resetV1 } from './v1/reset';

const TIMEOUT_MS = 10_000;
const WAIT_MS = 60_000;

/** Restarts a board by the version of the wire that it speaks. */
export async function reset(way: Way, how: ResetHow, options: ResetOptions): Promise<void> {
  const { why, wait = false, signal, timeoutMs = wait ? WAIT_MS : TIMEOUT_MS } = options;
  await callBoard(way, { timeoutMs, signal }, async (call) => {
    if (!speaksV2(way)) return resetV1(call, how, wait);
    const { boot: before, mode } = way.presence.info ?? {};
    await byV2(call, how, why);
    // What the broker holds would take it back as soon as it has connected. Cleared before, it would restart by
    // itself at once, and the command might find nobody.
    if (how === 'normal' && mode === 'safe') await keep(way, 'mode', null);
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
