import { parseInfo } from '../protocol/info';
import { Said } from '../protocol/said';
import { CrashBook, type SavedCrashBook } from './crash-book';
import type { KnownBoard } from './types';

/**
 * Reads what was written down of a board, without trust: somebody may have edited it, or another version
 * have written it. Returns undefined for what is nothing of a board.
 */
export function restoreKnown(saved: unknown, scope: string): KnownBoard | undefined {
  const said = Said.of(saved);
  const board = said?.text('board');
  const firstSeen = said?.count('firstSeen');
  const lastSeen = said?.count('lastSeen');
  if (!said || !board || firstSeen === undefined || lastSeen === undefined) return undefined;
  const { online } = said.keys;
  const known: KnownBoard = {
    board,
    prefix: scope + board,
    online: typeof online === 'boolean' ? online : undefined,
    firstSeen,
    lastSeen,
  };
  const since = said.count('since');
  if (since !== undefined) known.since = since;
  // As JSON its keys are those of a birth message.
  const info = Said.of(said.keys.info) && parseInfo(JSON.stringify(said.keys.info));
  if (info) known.info = info;
  const sysinfo = Said.of(said.keys.sysinfo)?.keys as KnownBoard['sysinfo'];
  if (sysinfo) known.sysinfo = { ...sysinfo, other: Said.of(sysinfo.other)?.keys ?? {} };
  const crash = restoreCrash(Said.of(said.keys.crash));
  if (crash) known.crash = crash;
  const log = Said.of(said.keys.log);
  const boot = log?.text('boot');
  const seq = log?.count('seq');
  if (boot !== undefined && seq !== undefined) known.log = { boot, seq };
  return known;
}

function restoreCrash(said: Said | undefined): KnownBoard['crash'] | undefined {
  const id = said?.text('id');
  const signature = said?.text('signature');
  const at = said?.number('at');
  if (!said || id === undefined || signature === undefined || at === undefined) return undefined;
  return {
    id,
    signature,
    headline: said.text('headline') ?? '',
    at,
    count: said.count('count') ?? 1,
  };
}

export function restoreCrashes(saved: unknown): CrashBook {
  const { signatures, reports } = (Said.of(saved)?.keys ?? {}) as Partial<SavedCrashBook>;
  const pairs = <T>(list: unknown, fits: (value: T) => boolean) =>
    (Array.isArray(list) ? list : []).filter(
      (pair): pair is [string, T] =>
        Array.isArray(pair) && typeof pair[0] === 'string' && fits(pair[1]),
    );
  return new CrashBook({
    signatures: pairs(signatures, (value) => {
      const said = Said.of(value);
      return ['count', 'first', 'last'].every((key) => said?.number(key) !== undefined);
    }),
    reports: pairs(reports, (again) => typeof again === 'number'),
  });
}
