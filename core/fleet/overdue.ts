import type { Member } from './member';

/** How long the rest of a message is waited for: at most a second. */
const PATIENCE_MS = 800;
const LOOK_MS = 200;

/** Looks after members that wait for the rest of a message, with one timer for all. */
export class Overdue {
  private readonly waiting = new Map<Member, number>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly giveUp: (member: Member) => void) {}

  /** A line came, and more is to come. */
  add(member: Member, now: number): void {
    this.waiting.set(member, now);
    this.timer ??= setInterval(() => this.look(Date.now()), LOOK_MS);
  }

  /** Waits no more for any. */
  flush(): void {
    this.look(Number.POSITIVE_INFINITY);
  }

  private look(now: number): void {
    for (const [member, since] of this.waiting) {
      if (now - since < PATIENCE_MS && member.log.isWaiting) continue;
      this.waiting.delete(member);
      this.giveUp(member);
    }
    if (this.waiting.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }
}
