import { setTimeout as sleep } from 'node:timers/promises';
import type { UpdateProgress, UpdateResult } from '../../board/updates/types';
import { AbortedError, BoardTimeoutError, NotConnectedError } from '../../protocol/errors';
import type { BoardInfo } from '../../protocol/info';
import { present } from '../../protocol/said';
import type { UpdateInfo } from '../../protocol/update-info';
import type { Cargo } from './content';
import { failureOf } from './outcome';
import type { RolloutSite, UpdatableBoard } from './site';
import type { BoardState } from './state';
import type { BoardOutcome } from './types';

/** What a board came to. */
export type Ending = { outcome: BoardOutcome } & Partial<
  Pick<UpdateResult, 'reason' | 'crash' | 'before'>
>;

export interface UpdateTerms {
  retries: number;
  retryWaitMs: number;
  signal: AbortSignal;
  /** Finds out only whether the board is there. */
  look: boolean;
  onProgress(progress: UpdateProgress): void;
  /** Resolves when what was changed in the board's state is written down. */
  save(): Promise<void>;
}

const LINK_PAUSE_MS = 1000;
const TRIAL_MS = 15 * 60_000;

/**
 * Brings one board what a roll-out sends, however often it takes, or finds that an earlier try of the same roll-out
 * has: of this process or of one before. Undefined: it is there, which was all to find out.
 * @throws AbortedError when `signal` ended it: then the board has no result.
 */
export async function updateBoard(
  site: RolloutSite,
  state: BoardState,
  cargo: Cargo,
  terms: UpdateTerms,
): Promise<Ending | undefined> {
  const { signal, retries, retryWaitMs } = terms;
  let started = false;
  const onProgress = (progress: UpdateProgress) => {
    started ||= progress.phase === 'restarting' || progress.phase === 'trial';
    terms.onProgress(progress);
  };
  for (;;) {
    try {
      const board = site.board(state.board);
      const info = await board.describe({ signal });
      if (terms.look) return undefined;
      const before = info && (await foundOut(site, board, state, cargo, { ...terms, onProgress }));
      if (before) return before;
      state.mark ??= info?.update?.id ?? '';
      state.attempts++;
      started = false;
      await terms.save();
      signal.throwIfAborted();
      const { share } = site;
      const options = { signal, onProgress, ...(share && { share }) };
      const { outcome, reason, crash, before: had, wireBytes } = await cargo.send(board, options);
      state.wireBytes += wireBytes;
      return { outcome, ...present({ reason, crash, before: had }) };
    } catch (error) {
      signal.throwIfAborted();
      const hostIsAway = error instanceof NotConnectedError || error instanceof AbortedError;
      if (!hostIsAway) {
        const { outcome, reason, again } = failureOf(error, started);
        if (!again || state.attempts > retries) return { outcome, reason };
      }
      const pause = hostIsAway ? LINK_PAUSE_MS : retryWaitMs;
      await sleep(pause, undefined, { signal }).catch(() => {});
      signal.throwIfAborted();
    }
  }
}

/** What the board says of itself that makes a try needless; undefined where nothing does. */
async function foundOut(
  site: RolloutSite,
  board: UpdatableBoard,
  state: BoardState,
  cargo: Cargo,
  { signal, onProgress }: UpdateTerms,
): Promise<Ending | undefined> {
  const ours = () => ourUpdate(board.info, state, cargo);
  const isBusy = () => ours()?.state === 'trial' || hasAnother(board.info, cargo);
  if (ours()?.state === 'trial') onProgress({ phase: 'trial' });
  if (isBusy()) await changed(site, state.board, () => !isBusy(), signal);
  const update = ours();
  if (update?.state === 'undone') {
    return { outcome: 'rolled-back', ...present({ reason: update.why, crash: update.crash }) };
  }
  if (!board.info || !cargo.isOn(board.info)) return undefined;
  return { outcome: update ? 'updated' : 'already' };
}

/** The update that an earlier try began on the board. */
function ourUpdate(
  info: BoardInfo | undefined,
  { mark }: BoardState,
  { what, version }: Cargo,
): UpdateInfo | undefined {
  const update = info?.update;
  if (!update || mark === undefined || update.id === mark) return undefined;
  return update.what === what && update.version === version ? update : undefined;
}

/** Whether something else is on trial, which would only be refused to be replaced. */
function hasAnother(info: BoardInfo | undefined, { what, version }: Cargo): boolean {
  const { update } = info ?? {};
  return update?.state === 'trial' && (update.what !== what || update.version !== version);
}

async function changed(
  site: RolloutSite,
  name: string,
  look: () => boolean,
  signal: AbortSignal,
): Promise<void> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(TRIAL_MS)]);
  await new Promise<void>((resolve) => {
    const leave = site.watch((board) => {
      // What the board's own listener has heard, this one may hear a moment sooner.
      if (board === name) setImmediate(() => look() && end());
    });
    const end = () => {
      leave();
      limit.removeEventListener('abort', end);
      resolve();
    };
    limit.addEventListener('abort', end, { once: true });
    if (limit.aborted || look()) end();
  });
  signal.throwIfAborted();
  if (look()) return;
  throw new BoardTimeoutError(
    `The board ${name} has something on trial, and neither confirmed nor undid it within 15 minutes.`,
  );
}
