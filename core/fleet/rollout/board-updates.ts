import type { Cargo } from './content';
import type { RolloutSettings } from './plan';
import type { RolloutSite } from './site';
import type { BoardState, RolloutState } from './state';
import { leftAloneUntil, noteResult } from './trouble';
import type { BoardResult, RolloutProgress } from './types';
import { type Ending, updateBoard } from './update-board';
import type { Waves } from './waves';

type End = Ending & { leftAloneUntil?: number };

/** A board that is being updated. */
interface Running {
  stop: AbortController;
  /** It has restarted into what is new: what becomes of it is up to the board. */
  onTrial: boolean;
}

/** What the updates of a roll-out's boards work with, and whom they tell. */
export interface UpdatesLink {
  site: RolloutSite;
  settings: Required<RolloutSettings>;
  cargo: Cargo;
  waves: Waves;
  state(): RolloutState;
  /** Resolves when what holds now is written down. */
  save(): Promise<void>;
  onProgress(progress: RolloutProgress): void;
  onResult(result: BoardResult): void;
  /** One is no longer under way, with a result or without. */
  onOver(): void;
}

/** The boards of a roll-out that are being updated, side by side. */
export class BoardUpdates {
  private readonly running = new Map<string, Running>();

  constructor(private readonly link: UpdatesLink) {}

  get count(): number {
    return this.running.size;
  }

  has(board: string): boolean {
    return this.running.has(board);
  }

  /** Cancels what is being sent; `all`: also the waiting for those on trial. */
  cancel(all: boolean): void {
    for (const { stop, onTrial } of this.running.values()) if (all || !onTrial) stop.abort();
  }

  /** Updates one board, or finds out that it need not, or cannot, be updated now. */
  async begin(state: BoardState): Promise<void> {
    const { board } = state;
    const { waves } = this.link;
    const own: Running = { stop: new AbortController(), onTrial: false };
    this.running.set(board, own);
    const begun = performance.now();
    try {
      const ending = this.leftAlone(board) ?? (await this.bring(state, own));
      state.elapsedMs += Math.round(performance.now() - begun);
      if (ending === undefined) waves.isFound(board);
      const waits = ending?.outcome === 'unreachable' && waves.isMissing(board);
      if (ending === undefined || waits) state.stage = 'waiting';
      else this.settle(state, ending);
    } catch (error) {
      // It was suspended or aborted, and this board has no end.
      if (!own.stop.signal.aborted) throw error;
    } finally {
      this.running.delete(board);
      this.link.onOver();
    }
    void this.link.save();
  }

  /** A board has its end. */
  settle(state: BoardState, ending: End): void {
    const rollout = this.link.state();
    const { what, contentVersion: version } = rollout;
    const { board, attempts, wireBytes, elapsedMs } = state;
    const { outcome, ...rest } = ending;
    state.stage = 'over';
    state.result = { board, outcome, what, version, ...rest, attempts, wireBytes, elapsedMs };
    noteResult(rollout, state.result, Date.now());
    this.link.onResult(state.result);
  }

  private leftAlone(board: string): End | undefined {
    const { trouble, key } = this.link.state();
    const until = leftAloneUntil(trouble[board], key, this.link.settings.quarantineMs);
    if (until === undefined || until <= Date.now()) return undefined;
    const { times, reason } = trouble[board] ?? {};
    const why = `It failed ${times} times in a row, and is left alone for a while. The last time: ${reason}`;
    return { outcome: 'refused', reason: why, leftAloneUntil: until };
  }

  private bring(state: BoardState, own: Running): Promise<End | undefined> {
    const { site, settings, cargo, waves, save, onProgress } = this.link;
    const { board } = state;
    return updateBoard(site, state, cargo, {
      ...settings,
      look: !waves.isThere(board),
      signal: own.stop.signal,
      save,
      onProgress: (progress) => {
        own.onTrial = progress.phase === 'restarting' || progress.phase === 'trial';
        onProgress({ board, ...progress });
      },
    });
  }
}
