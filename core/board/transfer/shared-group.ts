import type { Content, FileFrame } from './content';
import { FrameSize } from './frame-size';
import { SharedSender } from './shared-sender';
import type { ShareKey } from './shared-stream';

/** So long after the last one who asked it begins without those who have not. */
export const BEGIN_MS = 10_000;
/** After so long without those who take something else: they may be nearly done with it, or not. */
const OTHERS_MS = 2_000;
/** A member that makes no progress for so long, and holds up the others, is served by itself. */
const PATIENCE_MS = 2_000;
/** But for how busy all of them are: for so many times what half of them took last. */
const PATIENCE_ROUNDS = 3;
/** While it is more than half of them that hold up the others, the link is slow, not they. */
const MOST_MS = 10_000;

/** Who may join: somebody who gets ready for it, or somebody who takes something else as yet. */
export type Expected = 'soon' | 'later' | 'nobody';

/** What a group is given by its stream. */
export interface GroupLink {
  key: ShareKey;
  /** Sends one frame to all, or loses it. */
  publish(at: number, data: Buffer, deflated: boolean): void;
  expected(): Expected;
  onBegin(): void;
}

/** Boards that take the same content at the same time: each frame goes out once, as far as all of them ask. */
export class SharedGroup {
  readonly key: ShareKey;
  /** Everything before was sent. */
  at = 0;
  private begun = false;
  private readonly members = new Set<SharedSender>();
  private readonly frameSize = new FrameSize();
  /** All who follow have everything before. */
  private arrived = 0;
  private timer: NodeJS.Timeout | undefined;
  /** How many have asked, and when the last one of them came. */
  private ready = 0;
  private readyAt = 0;
  private late: NodeJS.Timeout | undefined;
  private sentAt = 0;
  /** How long it took until half of those who follow had what was sent last; undefined while they have not. */
  private roundMs: number | undefined;

  constructor(
    readonly content: Content,
    readonly windowBits: number,
    private readonly link: GroupLink,
  ) {
    this.key = link.key;
  }

  get isEmpty(): boolean {
    return this.members.size === 0;
  }

  join(): SharedSender {
    const member = new SharedSender(this);
    this.members.add(member);
    return member;
  }

  leave(member: SharedSender): void {
    if (!this.members.delete(member)) return;
    if (this.isEmpty) this.stop();
    else this.sendOn();
  }

  /** A member has said how far it is, and how much more it takes. */
  asked(): void {
    this.sendOn();
  }

  /** The frames of what lies between two offsets, for a receiver of frames of `chunk` bytes. */
  *frames(from: number, to: number, chunk: number): Generator<{ at: number } & FileFrame> {
    const size = Math.min(chunk, this.frameSize.bytes);
    for (let at = from; at < to; ) {
      const frame = this.content.frame(at, to, size, this.windowBits);
      yield { at, ...frame };
      at = frame.next;
    }
  }

  beginIfAllAreHere(): void {
    const followers = this.followers();
    const ready = followers.filter(({ hasAsked }) => hasAsked).length;
    if (this.begun || ready === 0) return;
    if (ready > this.ready) this.readyAt = performance.now();
    this.ready = ready;
    const expected = this.link.expected();
    if (ready < followers.length || expected === 'soon') this.beginWithin(BEGIN_MS);
    else if (expected === 'later') this.beginWithin(OTHERS_MS);
    else this.begin();
  }

  private beginWithin(milliseconds: number): void {
    clearTimeout(this.timer);
    const left = this.readyAt + milliseconds - performance.now();
    this.timer = setTimeout(() => this.begin(), left);
  }

  private begin(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const asked = this.followers().filter(({ hasAsked }) => hasAsked);
    if (asked.length === 0) return;
    this.begun = true;
    this.link.onBegin();
    this.at = Math.min(...asked.map(({ arrived }) => arrived));
    this.arrived = this.at;
    this.sendOn();
  }

  private stop(): void {
    clearTimeout(this.timer);
    clearTimeout(this.late);
    this.late = undefined;
  }

  /** Those whom it waits for. */
  private followers(): SharedSender[] {
    return [...this.members].filter(
      ({ follows, hasAsked }) => follows && (!this.begun || hasAsked),
    );
  }

  private sendOn(): void {
    if (!this.begun) {
      this.beginIfAllAreHere();
      return;
    }
    const followers = this.followers();
    if (followers.length === 0) {
      this.watch([]);
      return;
    }
    let end = this.content.size;
    let chunk = Number.POSITIVE_INFINITY;
    let arrived = this.content.size;
    let furthest = 0;
    for (const member of followers) {
      end = Math.min(end, member.end);
      chunk = Math.min(chunk, member.chunk);
      arrived = Math.min(arrived, member.arrived);
      furthest = Math.max(furthest, member.end);
    }
    if (arrived > this.arrived) this.frameSize.arrived(arrived);
    this.arrived = Math.max(this.arrived, arrived);
    for (const { at, data, deflated, next } of this.frames(this.at, end, chunk)) {
      this.link.publish(at, data, deflated);
      this.at = next;
      this.sentAt = performance.now();
      this.roundMs = undefined;
    }
    const isHeldUp = Math.min(furthest, this.content.size) > this.at;
    const behind = followers.filter((member) => member.end <= this.at);
    if (2 * behind.length <= followers.length) this.roundMs ??= performance.now() - this.sentAt;
    this.watch(isHeldUp ? behind : []);
  }

  /** These hold up the others: not for long. */
  private watch(behind: SharedSender[]): void {
    const now = performance.now();
    for (const member of this.members) {
      if (!behind.includes(member)) member.behindSince = undefined;
      else member.behindSince ??= now;
    }
    if (behind.length > 0 && !this.late) {
      this.late = setTimeout(() => {
        this.late = undefined;
        this.leaveBehind();
      }, PATIENCE_MS);
    }
  }

  private leaveBehind(): void {
    const { roundMs } = this;
    const patience =
      roundMs === undefined ? MOST_MS : Math.max(PATIENCE_MS, PATIENCE_ROUNDS * roundMs);
    const latest = performance.now() - patience;
    for (const member of this.members) {
      if (member.behindSince !== undefined && member.behindSince <= latest + 1) member.goAlone();
    }
    this.sendOn();
  }
}
