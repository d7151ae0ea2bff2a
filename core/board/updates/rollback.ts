import { randomBytes } from 'node:crypto';
import { BoardRestartedError, NotConnectedError } from '../../protocol/errors';
import type { BoardInfo } from '../../protocol/info';
import type { Slot, UpdateInfo } from '../../protocol/update-info';
import type { Way } from '../call';
import { askRelease } from './releases';
import type { RollbackOptions, UpdateResult } from './types';
import { checkedInfo } from './update';
import { watchTrial } from './watch-trial';

const ROUNDS = 3;

/** Brings back what was in a slot before. */
export async function rollback(
  way: Way,
  slot: Slot,
  options: RollbackOptions,
): Promise<UpdateResult> {
  const begun = performance.now();
  const name = `the rollback of ${slot}`;
  const id = `rollback.${randomBytes(4).toString('hex')}`;
  const info = await checkedInfo(way, name, options);
  const before = versionIn(info, slot);
  const pending = info.update?.state === 'trial' && info.update.what === slot ? info.update.id : '';
  const isIt = (update: UpdateInfo) =>
    update.id === id || (update.id === pending && update.state === 'undone');
  const keys = { step: 'undo', slot, id, ...(options.why !== undefined && { why: options.why }) };
  options.onProgress?.({ phase: 'checking' });
  for (let round = 0; round < ROUNDS; round++) {
    const isTaken = await undo(way, keys, options);
    options.onProgress?.({ phase: 'restarting' });
    const boot = isTaken ? way.presence.info?.boot : undefined;
    const ending = await watchTrial(way, { name, isIt, boot }, options);
    if (!ending) continue;
    const isBack = ending.id === pending || ending.state === 'confirmed';
    const { why, crash } = ending;
    const version = isBack ? versionIn(way.presence.info, slot) : ending.version;
    return {
      outcome: isBack ? 'updated' : 'rolled-back',
      what: slot,
      version: version ?? '',
      ...(before !== undefined && { before }),
      ...(!isBack && why !== undefined && { reason: why }),
      ...(!isBack && crash !== undefined && { crash }),
      wireBytes: 0,
      elapsedMs: performance.now() - begun,
    };
  }
  throw new BoardRestartedError(
    `The board ${way.prefix} restarted before it had taken up ${name}, ${ROUNDS} times in a row.`,
  );
}

/** Returns whether the board has said that it will; otherwise only its next words can tell. */
async function undo(
  way: Way,
  keys: Record<string, unknown>,
  options: RollbackOptions,
): Promise<boolean> {
  try {
    await askRelease(way, keys, false, options);
    return true;
  } catch (error) {
    const isUnsure = error instanceof BoardRestartedError || error instanceof NotConnectedError;
    if (!isUnsure) throw error;
    return false;
  }
}

function versionIn(info: BoardInfo | undefined, slot: Slot): string | undefined {
  return info?.releases?.[slot]?.version;
}
