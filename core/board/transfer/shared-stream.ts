import { randomBytes } from 'node:crypto';
import type { Connection } from '../../link/connection';
import { encodeFrame } from '../../protocol/frame';
import { checkPrefix, topics } from '../../protocol/topics';
import type { Content } from './content';
import { BEGIN_MS, type Expected, SharedGroup } from './shared-group';
import type { SharedSender } from './shared-sender';

/** Where a board that takes part may get its data besides its own topic: the key `share` of its command. */
export interface ShareKey {
  topic: string;
  id: number;
}

/** What one board takes of a stream. */
export interface Seat {
  key: ShareKey;
  sender: SharedSender['connect'];
  /** It takes no more of this; it may sit down again for something else. */
  leave(): void;
}

/** One that will take part soon, so that those who do already wait for it. */
export interface Place {
  /** Takes part in what is sent of `content`, inflated with at most this window, in bits. */
  sit(content: Content, windowBits: number): Seat;
  leave(): void;
}

/**
 * Sends what several boards take at the same time once for all of them. Boards whose transfers have the same
 * content, and which come before it has begun, form a group; who comes later forms the next one.
 */
export class SharedStream {
  private readonly host = randomBytes(6).toString('base64url');
  /** Groups that have not begun, by their content. */
  private readonly open = new Map<string, SharedGroup>();
  /** Who has a place and no seat, and since when. */
  private readonly standing = new Map<Place, number>();
  /** Who has a seat, and where: who is done there may come for more. */
  private readonly seated = new Map<Place, SharedGroup>();
  private groups = 0;
  private published = 0;

  /**
   * Boards have to be allowed to subscribe below `scope`, to `<scope>/mqb/2/share/+`.
   * @throws InvalidInputError for a scope that cannot begin a topic.
   */
  constructor(
    private readonly connection: Connection,
    private readonly scope: string,
  ) {
    checkPrefix(scope);
  }

  /** How many bytes were published for all, headers included. */
  bytes(): number {
    return this.published;
  }

  /** Somebody will take part; nothing begins before, within reason. */
  expect(): Place {
    let seat: Seat | undefined;
    let isGone = false;
    const place: Place = {
      sit: (content, windowBits) => {
        seat?.leave();
        this.standing.delete(place);
        this.expectLonger();
        seat = this.seat(place, content, windowBits, () => {
          if (!isGone) this.standing.set(place, performance.now());
        });
        return seat;
      },
      leave: () => {
        isGone = true;
        seat?.leave();
        this.standing.delete(place);
        this.look();
      },
    };
    this.standing.set(place, performance.now());
    return place;
  }

  private seat(place: Place, content: Content, windowBits: number, onLeft: () => void): Seat {
    const key = `${content.sha256} ${windowBits}`;
    const group = this.open.get(key) ?? this.begin(key, content, windowBits);
    const member = group.join();
    this.seated.set(place, group);
    let isLeft = false;
    const leave = () => {
      if (isLeft) return;
      isLeft = true;
      this.seated.delete(place);
      onLeft();
      group.leave(member);
      if (group.isEmpty && this.open.get(key) === group) this.open.delete(key);
    };
    this.look();
    return { key: group.key, sender: (link, listener) => member.connect(link, listener), leave };
  }

  private begin(key: string, content: Content, windowBits: number): SharedGroup {
    const id = ++this.groups;
    const topic = topics.share(this.scope, `${this.host}${id.toString(36)}`);
    const group: SharedGroup = new SharedGroup(content, windowBits, {
      key: { topic, id },
      publish: (at, data, deflated) => {
        const frame = encodeFrame('d', id, at, data, false, deflated);
        this.published += frame.length;
        this.connection.send(topic, frame);
      },
      expected: () => this.expectedAt(group),
      onBegin: () => this.open.delete(key),
    });
    this.open.set(key, group);
    return group;
  }

  /** As long as one after the other gets ready, so may the rest: it is the host that is busy with them. */
  private expectLonger(): void {
    const now = performance.now();
    for (const [place, since] of this.standing) {
      if (since >= now - BEGIN_MS) this.standing.set(place, now);
    }
  }

  /** Who does not come in time is not waited for again and again. */
  private expectedAt(group: SharedGroup): Expected {
    const latest = performance.now() - BEGIN_MS;
    if ([...this.standing.values()].some((since) => since >= latest)) return 'soon';
    const others = [...this.seated.values()].filter((other) => other !== group);
    const mayJoin = others.some(({ windowBits }) => windowBits === group.windowBits);
    return mayJoin ? 'later' : 'nobody';
  }

  /** One less is waited for. */
  private look(): void {
    for (const group of [...this.open.values()]) group.beginIfAllAreHere();
  }
}
