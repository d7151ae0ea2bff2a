import { setTimeout as sleep } from 'node:timers/promises';
import type { UpdateProgress, UpdateResult } from '../../board/updates/types';
import {
  AbortedError,
  BoardOfflineError,
  BoardTimeoutError,
  NotConnectedError,
} from '../../protocol/errors';
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
  trialMs: number;
  signal: AbortSignal;
  /** Finds out only whether the board is there. */
  look: boolean;
  onProgress(progress: UpdateProgress): void;
  /** Resolves when what was changed in the board's state is written down. */
  save(): Promise<void>;
}

const LINK_PAUSE_MS = 1000;

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
  const { signal, retries, retryWaitMs, trialMs } = terms;
  const onProgress = (progress: UpdateProgress) => {
    terms.onProgress(progress);
    if (state.restarted || (progress.phase !== 'restarting' && progress.phase !== 'trial')) return;
    state.restarted = true;
    void terms.save();
  };
  if (state.restarted) onProgress({ phase: 'restarting' });
  for (;;) {
    try {
      const board = site.board(state.board);
      const info = await describe(board, state, terms);
      if (terms.look && !state.restarted) return undefined;
      const before = info && (await foundOut(site, board, state, cargo, { ...terms, onProgress }));
      if (before) return before;
      state.mark ??= info?.update?.id ?? '';
      state.attempts++;
      state.restarted = false;
      await terms.save();
      signal.throwIfAborted();
      const { share } = site;
      const options = { signal, onProgress, trialMs, ...(share && { share }) };
      const { outcome, reason, crash, before: had, wireBytes } = await cargo.send(board, options);
      state.wireBytes += wireBytes;
      return { outcome, ...present({ reason, crash, before: had }) };
    } catch (error) {
      signal.throwIfAborted();
      const hostIsAway = error instanceof NotConnectedError || error instanceof AbortedError;
      if (!hostIsAway) {
        const { outcome, reason, again } = failureOf(error, state.restarted === true);
        if (!again || state.attempts > retries) return { outcome, reason };
      }
      await pause(hostIsAway ? LINK_PAUSE_MS : retryWaitMs, signal);
    }
  }
}

/** What a board says of itself. One that restarts into what is new has the time of its trial to come back. */
async function describe(
  board: UpdatableBoard,
  { board: name, restarted }: BoardState,
  { signal, trialMs }: UpdateTerms,
): Promise<BoardInfo | undefined> {
  const deadline = performance.now() + trialMs;
  for (;;) {
    try {
      return await board.describe({ signal });
    } catch (error) {
      const isAway = error instanceof BoardOfflineError || error instanceof BoardTimeoutError;
      if (!isAway || !restarted) throw error;
    }
    const left = deadline - performance.now();
    if (left <= 0) {
      throw new BoardTimeoutError(
        `The board ${name} restarted into what is new, and did not come back within ${minutes(trialMs)}.`,
      );
    }
    await pause(Math.min(LINK_PAUSE_MS, left), signal);
  }
}

const minutes = (milliseconds: number) => `${Math.round(milliseconds / 60_000)} minutes`;

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => {});
  signal.throwIfAborted();
}

/** What the board says of itself that makes a try needless; undefined where nothing does. */
async function foundOut(
  site: RolloutSite,
  board: UpdatableBoard,
  state: BoardState,
  cargo: Cargo,
  terms: UpdateTerms,
): Promise<Ending | undefined> {
  const ours = () => ourUpdate(board.info, state, cargo);
  const isBusy = () => ours()?.state === 'trial' || hasAnother(board.info, cargo);
  if (ours()?.state === 'trial') terms.onProgress({ phase: 'trial' });
  if (isBusy()) await changed(site, state.board, () => !isBusy(), terms);
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
  { signal, trialMs }: UpdateTerms,
): Promise<void> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(trialMs)]);
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
    `The board ${name} has something on trial, and neither confirmed nor undid it within ${minutes(trialMs)}.`,
  );
}
