import type { Cargo } from './content';
import { type RolloutSettings, waveSize } from './plan';
import type { RolloutSite } from './site';
import type { BoardState, RolloutState } from './state';
import type { RolloutEvents } from './types';

/** A board that was not there is not tried again before, unless it is heard of. */
const AWAY_MS = 60_000;

/** Decides which boards are next, and when. */
export class Waves {
  /** Boards that were not there when they were tried, with until when they count as away. */
  private readonly away = new Map<string, number>();
  /** Boards that were there when they were looked for, whatever the registry says. */
  private readonly found = new Set<string>();

  constructor(
    private readonly site: RolloutSite,
    private readonly settings: Required<RolloutSettings>,
    private readonly current: () => RolloutState,
  ) {}

  /** Whether a board can be tried now, as far as that is known without asking it. */
  isThere(board: string): boolean {
    if ((this.away.get(board) ?? 0) > Date.now()) return false;
    return this.found.has(board) || this.site.known(board)?.online !== false;
  }

  /** A board that did not seem to be there is. */
  isFound(board: string): void {
    this.found.add(board);
  }

  /** A board was not there. Returns whether it is waited for. */
  isMissing(board: string): boolean {
    this.found.delete(board);
    this.away.set(board, Date.now() + AWAY_MS);
    return this.settings.wake && Date.now() < this.deadline;
  }

  /** Something else is known of a board. Returns whether that may matter. */
  heard(board: string): boolean {
    if (this.site.known(board)?.online) this.away.delete(board);
    return this.settings.wake && this.isThere(board);
  }

  /** The boards that need no wave, because they say that they have it. */
  haveIt(cargo: Cargo): BoardState[] {
    return this.waiting().filter(({ board, mark }) => {
      const info = this.site.known(board)?.info;
      return mark === undefined && info !== undefined && cargo.isOn(info);
    });
  }

  /** The boards that are waited for no more. */
  givenUp(): BoardState[] {
    if (Date.now() < this.deadline) return [];
    return this.waiting().filter(({ board }) => !this.isThere(board));
  }

  /**
   * Begins the next wave, where there is one now. It has boards that are there; when there are no more, all
   * others are looked for at once, or waited for.
   */
  next(): RolloutEvents['wave'][0] | undefined {
    const state = this.current();
    const waiting = this.waiting();
    const inWave = state.boards.filter(({ stage }) => stage === 'wave').length;
    if (inWave === 0) this.endWave();
    // The clock of a host may be set back; then it is no more than the wait that is left.
    state.nextAt = Math.min(state.nextAt, Date.now() + this.settings.waitMs);
    if (waiting.length === 0 || (inWave > 0 && !state.late) || Date.now() < state.nextAt) return;
    const there = waiting.filter(({ board }) => this.isThere(board));
    const canaries = this.missingCanaries();
    if (there.length === 0) {
      state.late ||= state.waves > 0 && canaries === 0;
      return this.settings.wake || inWave > 0 ? undefined : this.begin(waiting, false);
    }
    const { waves } = this.settings;
    const size = canaries || waveSize(waves, state.regular, state.boards.length);
    const boards = there.slice(0, Math.max(0, size - inWave));
    if (boards.length === 0) return undefined;
    if (canaries === 0) state.regular++;
    return this.begin(boards, canaries > 0);
  }

  /** When there may be something to do although nothing happens: UNIX milliseconds. */
  wakeAt(): number {
    const { nextAt } = this.current();
    const waiting = this.waiting();
    if (waiting.length === 0) return Number.POSITIVE_INFINITY;
    const times = [nextAt, ...this.away.values()].filter((time) => time > Date.now());
    if (waiting.some(({ board }) => !this.isThere(board))) times.push(this.deadline);
    return Math.min(...times);
  }

  private get deadline(): number {
    const { wake, deadlineMs } = this.settings;
    return wake ? this.current().begun + deadlineMs : Number.POSITIVE_INFINITY;
  }

  private waiting(): BoardState[] {
    return this.current().boards.filter(({ stage }) => stage === 'waiting');
  }

  /** So many canaries are not proven yet. */
  private missingCanaries(): number {
    const proven = this.current().boards.filter(
      ({ canary, result }) => canary && result?.outcome === 'updated',
    );
    return Math.max(0, this.settings.canaries - proven.length);
  }

  private begin(boards: BoardState[], canaries: boolean): RolloutEvents['wave'][0] {
    const state = this.current();
    state.waves++;
    state.open = true;
    for (const board of boards) {
      board.stage = 'wave';
      if (canaries) board.canary = true;
    }
    return { wave: state.waves, canaries, boards: boards.map(({ board }) => board) };
  }

  /** What changed nothing on any board needs no time to show its effect. */
  private endWave(): void {
    const state = this.current();
    if (!state.open) return;
    state.open = false;
    const tried = state.boards.filter(({ result }) => result && result.attempts > 0).length;
    if (tried > state.tried && !state.late) state.nextAt = Date.now() + this.settings.waitMs;
    state.tried = tried;
  }
}
