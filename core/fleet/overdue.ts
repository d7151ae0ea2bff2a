import type { Member } from './member';

const LOOK_MS = 200;
/** The rest of a message is waited for during so many looks, at most a second: not by the clock, which can be set. */
const MOST_LOOKS = 5;

/** Looks after members that wait for the rest of a message, with one timer for all. */
export class Overdue {
  /** With how often it was looked at since its last line came. */
  private readonly waiting = new Map<Member, number>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly giveUp: (member: Member) => void) {}

  /** A line came, and more is to come. */
  add(member: Member): void {
    this.waiting.set(member, 0);
    this.timer ??= setInterval(() => this.look(MOST_LOOKS), LOOK_MS);
  }

  /** Waits no more for any. */
  flush(): void {
    this.look(0);
  }

  private look(most: number): void {
    for (const [member, before] of this.waiting) {
      const looks = before + 1;
      if (looks < most && member.log.isWaiting) {
        this.waiting.set(member, looks);
        continue;
      }
      this.waiting.delete(member);
      this.giveUp(member);
    }
    if (this.waiting.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }
}
