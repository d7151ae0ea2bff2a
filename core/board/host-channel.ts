import { randomBytes } from 'node:crypto';
import type { Connection, Subscription } from '../link/connection';
import { decodeFrame, encodeFrame, type Frame, type FrameKind } from '../protocol/frame';
import { topics } from '../protocol/topics';
import { LateAcknowledgements } from './late-acknowledgements';
import { Nudge } from './nudge';

const NOTHING = Buffer.alloc(0);

type Route = (frame: Frame) => void;

/** The way of version 2 between this host and one board: numbers exchanges, and sorts the replies. */
export class HostChannel {
  private readonly host = randomBytes(6).toString('base64url');
  private readonly topic: string;
  /** A topic that nobody listens to. */
  private readonly nobody: string;
  private readonly routes = new Map<number, Route>();
  private readonly late = new LateAcknowledgements((id, n) => this.send('a', id, n));
  private readonly nudge = new Nudge(() => this.connection.send(this.nobody, NOTHING));
  private lastId = 0;
  private closed = false;
  private opening: Promise<void> | undefined;
  private subscription: Subscription | undefined;

  constructor(
    private readonly connection: Connection,
    private readonly prefix: string,
  ) {
    this.topic = topics.command(prefix, this.host);
    this.nobody = topics.nobody(prefix, this.host);
  }

  /** Listens for replies; has to be over before the first command. */
  async open(): Promise<void> {
    this.opening ??= this.subscribe();
    await this.opening;
  }

  get isOpen(): boolean {
    return this.subscription !== undefined;
  }

  close(): void {
    this.closed = true;
    this.late.flush();
    this.nudge.cancel();
    this.subscription?.close();
  }

  /** Gives an exchange its number, and the replies to it, until `release` is called. */
  route(route: Route): { id: number; release: () => void } {
    this.lastId = (this.lastId + 1) % 2 ** 32;
    const id = this.lastId;
    this.routes.set(id, route);
    return { id, release: () => this.routes.delete(id) };
  }

  /** Sends one frame, or loses it: whoever sends also repeats. */
  send(
    kind: FrameKind,
    id: number,
    n = 0,
    data?: Buffer,
    flags: { last?: boolean; marked?: boolean } = {},
  ): void {
    const { last, marked } = flags;
    this.connection.send(this.topic, encodeFrame(kind, id, n, data, last, marked));
    this.late.postpone();
    this.nudge.cancel();
  }

  /** Tells the board, by and by, that it may forget a reply: `n` is the number behind its last frame. */
  acknowledgeLast(id: number, n: number): void {
    this.late.add(id, n);
  }

  private async subscribe(): Promise<void> {
    try {
      const topic = topics.reply(this.prefix, this.host);
      this.subscription = await this.connection.subscribe(topic, ({ payload }) => {
        const frame = decodeFrame(payload);
        if (frame) this.receive(frame);
      });
    } catch (error) {
      this.opening = undefined;
      throw error;
    }
    if (this.closed) this.subscription.close();
  }

  private receive(frame: Frame): void {
    this.nudge.plan();
    const route = this.routes.get(frame.id);
    if (route) route(frame);
    // Our last acknowledgement was lost, or nobody waits any more: let the board forget it.
    else if (frame.last && 'ovef'.includes(frame.kind)) this.acknowledgeLast(frame.id, frame.n + 1);
  }
}
