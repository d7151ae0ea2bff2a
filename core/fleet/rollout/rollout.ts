import { EventEmitter } from 'node:events';
import { MqboardError } from '../../protocol/errors';
import { Bell } from './bell';
import { BoardUpdates } from './board-updates';
import { type Cargo, cargoOf, unpack } from './content';
import { Journal } from './journal';
import { stopReason } from './limits';
import { filterOf, type RolloutPlan, type RolloutSettings, settingsOf } from './plan';
import { resultOf } from './result';
import type { RolloutSite } from './site';
import { isOver, newState, type RolloutState, restoreState, restoreTrouble } from './state';
import { findTargets } from './targets';
import type { RolloutEvents, RolloutResult } from './types';
import type { Ending } from './update-board';
import { Waves } from './waves';

const NOTHING = Buffer.alloc(0);

/**
 * Brings one content to many boards: a few first, then in waves, and no further when too many fail. Where it
 * has a memory, one that was suspended, or whose process ended, goes on where it was.
 */
export class Rollout extends EventEmitter<RolloutEvents> {
  readonly id: string;
  /** The end, whatever it is; rejects never. */
  readonly done: Promise<RolloutResult>;
  private readonly settings: Required<RolloutSettings>;
  private readonly cargo: Cargo;
  private readonly journal: Journal;
  private readonly waves: Waves;
  private readonly bell = new Bell();
  private readonly updates: BoardUpdates;
  private readonly begin: () => void;
  private state: RolloutState;
  /** What was sent to many at once before this process took it up. */
  private sharedBefore = 0;
  /** What somebody wanted of it before it was known how far it is. */
  private wanted: 'pause' | 'resume' | 'abort' | undefined;
  private started = false;
  private opened = false;
  private closed = false;

  /** It begins with `start`. @throws InvalidInputError for a plan that cannot be one. */
  constructor(
    private readonly plan: RolloutPlan,
    private readonly site: RolloutSite,
  ) {
    super();
    this.id = plan.id;
    this.settings = settingsOf(plan);
    this.cargo = cargoOf(plan.content);
    filterOf(plan.targets);
    this.state = newState(plan, this.cargo);
    this.journal = new Journal(site.memory, () => this.state);
    const state = () => this.state;
    this.waves = new Waves(site, this.settings, state);
    this.updates = new BoardUpdates({
      ...{ site, state, settings: this.settings, cargo: this.cargo, waves: this.waves },
      save: () => this.journal.save(),
      onProgress: (progress) => this.tell('progress', progress),
      onResult: (result) => this.tell('board', result),
      onOver: this.bell.ring,
    });
    let begin = () => {};
    const begun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    this.begin = begin;
    this.done = begun.then(() => this.conduct());
  }

  /**
   * The roll-out that `site.memory` holds and that is not over; undefined where there is none.
   * @throws MqboardError where there is one, but what it sends cannot be read any more.
   */
  static async saved(site: RolloutSite): Promise<Rollout | undefined> {
    const state = restoreState(await site.memory?.load());
    if (!state || isOver(state)) return undefined;
    const { id, settings, boards, key, contentVersion } = state;
    try {
      const content = unpack((await site.memory?.loadContent()) ?? NOTHING, contentVersion);
      const targets = boards.map(({ board }) => board);
      const rollout = new Rollout({ ...settings, id, content, targets }, site);
      if (rollout.cargo.key === key) return rollout;
    } catch (error) {
      throw contentLost(id, error);
    }
    throw contentLost(id);
  }

  start(): this {
    this.started = true;
    this.begin();
    return this;
  }

  /** No further board is begun; those that are on their way end. */
  pause(): void {
    this.hold(true);
  }

  resume(): void {
    this.hold(false);
  }

  /**
   * Ends it: what is being sent is cancelled, what is on trial is waited for, because the board goes on with
   * it in any case. A second time it waits for nothing.
   */
  abort(): void {
    if (!this.opened) {
      this.wanted = 'abort';
      return;
    }
    const again = this.state.status === 'aborted';
    if (isOver(this.state) && !again) return;
    this.end('aborted', 'It was aborted.');
    this.updates.cancel(again);
  }

  /** Suspends it: nothing more is done, and it goes on when the same is begun again, if it had begun. */
  async close(): Promise<void> {
    this.closed = true;
    this.updates.cancel(true);
    this.begin();
    this.bell.ring();
    await this.done;
  }

  /** How it is at this moment; before it has begun nothing is known of any board. */
  get now(): RolloutResult {
    return resultOf(this.state, this.sharedBytes);
  }

  get isPaused(): boolean {
    return this.opened ? this.state.status === 'paused' : this.wanted === 'pause';
  }

  private async conduct(): Promise<RolloutResult> {
    if (!this.started) return this.now;
    await this.open();
    const leave = this.site.watch((board) => {
      if (this.waves.heard(board)) this.bell.ring();
    });
    for (let until = this.step(); until !== undefined; until = this.step()) {
      await this.bell.wait(until);
    }
    leave();
    if (!this.closed && !isOver(this.state)) this.state.status = 'done';
    this.state.shared = this.sharedBytes;
    await this.journal.save();
    if (isOver(this.state)) await this.journal.saveContent(undefined);
    const result = this.now;
    if (isOver(this.state)) this.tell('done', result);
    return result;
  }

  /** Takes up what was written down of this roll-out, or begins it. */
  private async open(): Promise<void> {
    const saved = await this.journal.load();
    const state = restoreState(saved);
    const { key, what } = this.cargo;
    const goesOn = state?.id === this.id && state.key === key && !isOver(state);
    if (goesOn) {
      this.state = { ...state, settings: this.state.settings };
      this.sharedBefore = state.shared;
    } else {
      const targets = findTargets(filterOf(this.plan.targets), this.site.boards(), what);
      this.state = newState(this.plan, this.cargo, targets);
      this.state.trouble = restoreTrouble(saved);
      await this.journal.saveContent(this.cargo.pack());
    }
    this.opened = true;
    this.tell('begun');
    if (this.wanted) this[this.wanted]();
    await this.journal.save();
  }

  /** Does what there is to do now. Returns until when there is nothing more, or undefined when it is over. */
  private step(): number | undefined {
    const { state, updates } = this;
    const idle = updates.count > 0 ? Number.POSITIVE_INFINITY : undefined;
    if (this.closed || isOver(state)) return idle;
    const why = stopReason(state.boards, this.settings.stopAt);
    if (why) {
      this.end('stopped', why);
      return idle;
    }
    for (const board of this.waves.haveIt(this.cargo))
      updates.settle(board, { outcome: 'already' });
    for (const board of this.waves.givenUp()) updates.settle(board, NEVER_THERE);
    if (state.boards.every(({ stage }) => stage === 'over')) return idle;
    if (state.status === 'paused') return Number.POSITIVE_INFINITY;
    const wave = this.waves.next();
    if (wave) this.tell('wave', wave);
    for (const board of state.boards) {
      if (updates.count >= this.settings.atOnce) break;
      if (board.stage === 'wave' && !updates.has(board.board)) void updates.begin(board);
    }
    return this.waves.wakeAt();
  }

  private hold(paused: boolean): void {
    if (!this.opened) this.wanted = paused ? 'pause' : 'resume';
    if (!this.opened || isOver(this.state) || paused === this.isPaused) return;
    this.state.status = paused ? 'paused' : 'running';
    this.tell(paused ? 'paused' : 'resumed');
    this.bell.ring();
    void this.journal.save();
  }

  private end(status: 'stopped' | 'aborted', why: string): void {
    if (isOver(this.state)) return;
    this.state.status = status;
    this.state.why = why;
    this.tell('stopped', { why });
    this.bell.ring();
    void this.journal.save();
  }

  private get sharedBytes(): number {
    return this.sharedBefore + (this.site.share?.bytes() ?? 0);
  }

  /** What goes wrong in a listener must not end the roll-out. */
  private tell<K extends keyof RolloutEvents>(event: K, ...payload: RolloutEvents[K]): void {
    try {
      (this.emit as (name: K, ...payload: RolloutEvents[K]) => boolean).call(
        this,
        event,
        ...payload,
      );
    } catch (error) {
      process.emitWarning(error instanceof Error ? error : String(error));
    }
  }
}

const NEVER_THERE: Ending = {
  outcome: 'unreachable',
  reason: 'It was not there in the time that the roll-out had.',
};

function contentLost(id: string, cause?: unknown): MqboardError {
  return new MqboardError(
    'ROLLOUT_LOST',
    'roll-out lost',
    `The roll-out ${id} is not over, but what it sends can no longer be read: begin it again.`,
    { cause },
  );
}
