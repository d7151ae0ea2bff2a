import { BoardRefusedError } from '../../protocol/errors';
import { present, Said } from '../../protocol/said';
import { SLOTS, update } from '../../protocol/update-info';
import { type Call, callBoard, type Way } from '../call';
import { ask } from '../files/ask';
import type { FileOptions } from '../files/types';
import { refused } from '../refused';
import { NO_RELEASES } from './deploy';
import type { ReleaseState, SlotState } from './types';

/** It hashes files: without a sign of life for so long. */
const SILENCE_MS = 60_000;
const SILENT = 'gave no sign of life for';

/** What a board has in its slots. */
export async function releases(
  way: Way,
  { verify = false, ...options }: FileOptions & { verify?: boolean },
): Promise<ReleaseState> {
  const said = Said.of(
    await askRelease(way, { step: 'list', ...(verify && { verify }) }, true, options),
  );
  const slots = Said.of(said?.keys.slots);
  if (!said || !slots) throw new BoardRefusedError('bad', 'it listed no slots.');
  const states = SLOTS.flatMap((slot) => {
    const state = slotState(Said.of(slots.keys[slot]));
    return state ? [[slot, state]] : [];
  });
  const last = update(Said.of(said.keys.update));
  return {
    slots: Object.fromEntries(states) as ReleaseState['slots'],
    ...present({ update: last, free: said.count('free') }),
  };
}

function slotState(said: Said | undefined): SlotState | undefined {
  if (!said) return undefined;
  return {
    modified: said.texts('modified') ?? [],
    ...present({
      name: said.text('name'),
      version: said.text('version'),
      files: said.count('files'),
      before: said.text('before'),
    }),
  };
}

/** Confirms what is on trial, or what is there. */
export async function confirm(way: Way, options: FileOptions): Promise<void> {
  await askRelease(
    way,
    () => {
      const last = way.presence.info?.update;
      return { step: 'confirm', ...(last?.state === 'trial' && { id: last.id }) };
    },
    true,
    options,
  );
}

/** One step of the command `release` that has no transfer. */
export function askRelease(
  way: Way,
  keys: Record<string, unknown> | (() => Record<string, unknown>),
  repeatable: boolean,
  { timeoutMs = SILENCE_MS, signal }: FileOptions,
): Promise<Record<string, unknown>> {
  const run = (call: Call) =>
    ask(call, {
      do: 'release',
      keys: typeof keys === 'function' ? keys() : keys,
      repeatable,
      failed: refused,
      unknown: NO_RELEASES,
      onHeard: () => call.deadline.renew(),
    });
  return callBoard(way, { timeoutMs, signal, idle: SILENT }, run);
}
