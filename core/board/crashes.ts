import {
  type CrashReport,
  parseCrashReport,
  parseStoredCrash,
  type StoredCrash,
} from '../protocol/crash-report';
import { BoardRefusedError } from '../protocol/errors';
import { callBoard, type Way } from './call';
import { ask } from './files/ask';
import type { FileOptions } from './files/types';
import { refused } from './refused';

const TIMEOUT_MS = 10_000;

/** The reports that a board keeps, the newest first. */
export async function crashes(way: Way, options: FileOptions): Promise<StoredCrash[]> {
  const { crashes } = await askCrash(way, {}, options);
  const stored = Array.isArray(crashes) ? crashes.map(parseStoredCrash) : [undefined];
  return stored.map((crash) => crash ?? notUnderstood());
}

export async function crash(way: Way, id: string, options: FileOptions): Promise<CrashReport> {
  const said = await askCrash(way, { id }, options);
  return parseCrashReport(JSON.stringify(said)) ?? notUnderstood();
}

export async function seenCrashes(way: Way, ids: string[], options: FileOptions): Promise<void> {
  await askCrash(way, { seen: ids }, options);
}

function askCrash(
  way: Way,
  keys: Record<string, unknown>,
  { timeoutMs = TIMEOUT_MS, signal }: FileOptions,
): Promise<Record<string, unknown>> {
  return callBoard(way, { timeoutMs, signal }, (call) =>
    ask(call, {
      do: 'crash',
      keys,
      repeatable: true,
      failed: refused,
      unknown: 'Its firmware writes no crash reports: update it.',
    }),
  );
}

function notUnderstood(): never {
  throw new BoardRefusedError('bad', 'it answered with something that is no crash report.');
}
