import type { BoardResult, Rollout, RolloutProgress, RolloutResult } from '../../core/index';
import type { Message } from '../shared/board-worker';
import type { Words } from '../shared/words';
import { boardText, rolloutText } from './outcome-text';

/** How often one board is told of, at most; in a large roll-out all of them together no more than 40 times a second. */
const INTERVAL_MS = 500;
const MOST_A_SECOND = 40;

/** Sends out of one of a node's outputs. */
export type Tell = (messages: [Message | null, (Message | null)?]) => void;

/** Makes messages of what happens in a roll-out. */
export class Teller {
  private readonly told = new Map<string, { phase: string; at: number }>();

  /** `msg` is the message that began it, or what is left of that after a restart. */
  constructor(
    private readonly msg: Message,
    private readonly words: Words,
    private readonly wanted: boolean,
    private readonly tell: Tell,
  ) {}

  /** `onProgress` is called when something is told, for the status. */
  listen(rollout: Rollout, onProgress: (last?: RolloutProgress) => void): void {
    rollout.on('begun', onProgress);
    rollout.on('board', (result) => {
      this.told.delete(result.board);
      onProgress();
      this.board(result);
    });
    rollout.on('progress', (progress) => {
      if (!this.isDue(progress, rollout.now.counts.total)) return;
      onProgress(progress);
      const { done, total } = progress;
      const percent = done !== undefined && total ? Math.floor((100 * done) / total) : undefined;
      this.aside('progress', { ...progress, ...(percent !== undefined && { percent }) });
    });
    rollout.on('wave', (wave) => this.aside('wave', { ...wave }));
    for (const event of ['paused', 'resumed'] as const) {
      rollout.on(event, () => {
        onProgress();
        this.aside(event, {});
      });
    }
    rollout.on('stopped', (stop) => this.aside('stopped', { ...stop }));
  }

  /** The last of all messages; the flow may still need what else was in the first. */
  end(result: RolloutResult): void {
    this.tell([{ ...this.msg, payload: { ...result, text: rolloutText(result, this.words) } }]);
  }

  private board(result: BoardResult): void {
    const payload = { ...result, text: boardText(result, this.words) };
    this.tell([{ ...this.context(), board: result.board, payload } as Message]);
  }

  private aside(event: string, more: object & { board?: string }): void {
    if (!this.wanted) return;
    const { board } = more;
    const payload = { event, ...more };
    this.tell([
      null,
      { ...this.context(), ...(board !== undefined && { board }), payload } as Message,
    ]);
  }

  /** The message itself may hold a whole image, which is not to be copied for each board. */
  private context(): Partial<Message> {
    const { _msgid, topic } = this.msg;
    return { _msgid, ...(topic !== undefined && { topic }) };
  }

  private isDue({ board, phase }: RolloutProgress, boards: number): boolean {
    const now = performance.now();
    const before = this.told.get(board);
    const interval = Math.max(INTERVAL_MS, (boards * 1000) / MOST_A_SECOND);
    if (before?.phase === phase && now - before.at < interval) return false;
    this.told.set(board, { phase, at: now });
    return true;
  }
}
