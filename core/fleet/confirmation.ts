import type { Member } from './member';

/** Boards whose broker was away come back within this time. */
const GRACE_MS = 60_000;

/**
 * Finds the boards that only seem to be online. A broker that lost what it had retained tells nothing of a
 * board that went while it was down, no last will either: whoever heard of the board before would take it for
 * online for ever.
 */
export class Confirmation {
  private link = 0;
  private timer: NodeJS.Timeout | undefined;

  /** `onSilent` is given each member that was online, and of which nothing says so any more. */
  constructor(
    private readonly members: () => Iterable<Member>,
    private readonly onSilent: (member: Member) => void,
  ) {}

  /** There is a new link. */
  begin(): void {
    this.link++;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), GRACE_MS);
    this.timer.unref();
  }

  /** It is there now, or the broker says that it is. */
  heard(member: Member): void {
    member.heardOnLink = this.link;
  }

  close(): void {
    clearTimeout(this.timer);
  }

  private look(): void {
    for (const member of this.members()) {
      if (member.known.online && member.heardOnLink !== this.link) this.onSilent(member);
    }
  }
}
