import type { Node, NodeAPI, NodeMessageInFlow } from 'node-red';
import { AbortedError, type Board } from '../../core/index';
import { noServer } from './await-server';
import type { BoardNames } from './board-names';
import { Cancellation } from './cancellation';
import { asMqboardError, flowError } from './flow-error';
import { KeyedQueue } from './keyed-queue';
import type { LinkState, ServerNode, ServerUser } from './server-node';
import type { Words } from './words';
import { type Activity, WorkStatus } from './work-status';

export type Message = NodeMessageInFlow & { board?: unknown; cancel?: unknown };
export type Send = (messages: Message | Array<Message | null>) => void;

/** What one message asks for, and of which boards. */
export interface BoardJob extends BoardNames {
  /** What it is about on the board; a catch node finds it beside the board's name. */
  path?: string;
}

/** One board's share of a job. */
export interface Turn {
  /** The message, for this board alone. */
  msg: Message;
  /** The board as the flow named it. */
  name: string;
  board: Board;
  signal: AbortSignal;
  activity: Activity;
  /** Sends out of the second output, unless the node is closed. */
  aside(msg: Message): void;
}

/** What a type of node does with its messages. */
export interface Work<J extends BoardJob> {
  /** How many messages may wait for one board: more, and the flow asks faster than it can answer. */
  readonly longestQueue: number;
  /** Reads what a message asks for. */
  read(msg: Message, server: ServerNode): Promise<J>;
  /** Carries it out on one board: the message to send on, and a few words for the status. */
  run(job: J, turn: Turn): Promise<{ msg: Message; shown: string }>;
}

/**
 * Does a node's work: board by board, one message after the other for each, several boards side by side;
 * shows how it goes, and cancels when it is told to.
 */
export class BoardWorker<J extends BoardJob> implements ServerUser {
  private readonly queue: KeyedQueue;
  private readonly status: WorkStatus;
  private readonly underWay = new Map<Cancellation, Promise<unknown>>();
  private lastAccepted: Promise<unknown> = Promise.resolve();
  private closed = false;
  private server: ServerNode | null = null;

  constructor(
    private readonly RED: NodeAPI,
    private readonly node: Node,
    words: Words,
    private readonly work: Work<J>,
  ) {
    this.queue = new KeyedQueue(work.longestQueue);
    this.status = new WorkStatus(
      (status) => node.status(status),
      words,
      () => this.queue.waiting,
    );
  }

  /** To be called before anything else: with the server to work through, or null while there is none. */
  use(server: ServerNode | null): void {
    this.server = server;
    if (server) server.register(this);
    else this.onLink({ state: 'refused', error: noServer() });
  }

  onLink(link: LinkState): void {
    this.status.onLink(link);
  }

  /** Takes one message; calls `done` exactly once. */
  async input(msg: Message, send: Send, done: (error?: Error) => void): Promise<void> {
    if (msg.cancel === true) {
      this.cancel();
      return done();
    }
    const cancellation = new Cancellation();
    const handled = this.handle(msg, send, cancellation);
    this.underWay.set(cancellation, handled);
    const failure = await handled.then(
      () => undefined,
      (error: Error) => error,
    );
    this.underWay.delete(cancellation);
    done(this.closed ? undefined : failure);
  }

  /** Cancels what runs, and resolves when nothing of it is left, not even an open file. */
  async close(): Promise<void> {
    this.closed = true;
    this.cancel();
    await Promise.allSettled(this.underWay.values());
    await this.server?.deregister(this);
  }

  private cancel(): void {
    for (const cancellation of this.underWay.keys()) cancellation.cancel();
  }

  private async handle(msg: Message, send: Send, cancellation: Cancellation): Promise<void> {
    const { job, results } = await this.accept(msg, send, cancellation);
    if (job.several) await this.reportEach(job, results, msg);
    else await Promise.all(results);
  }

  /** Reads the message and queues its work. Reading may take time; the order stays that of arrival. */
  private accept(
    msg: Message,
    send: Send,
    cancellation: Cancellation,
  ): Promise<{ job: J; results: Promise<void>[] }> {
    const accepted = this.lastAccepted.then(async () => {
      try {
        if (!this.server) throw noServer();
        const job = await this.work.read(msg, this.server);
        return {
          job,
          results: job.boards.map((name) => this.ask(msg, job, name, send, cancellation)),
        };
      } catch (error) {
        this.status.failed(asMqboardError(error));
        throw flowError(error);
      }
    });
    this.lastAccepted = accepted.catch(() => undefined);
    return accepted;
  }

  /** One board's failure is told to the catch nodes with that board's name; the others go on. */
  private async reportEach(job: J, results: Promise<void>[], msg: Message): Promise<void> {
    const outcomes = await Promise.allSettled(results);
    for (const [index, outcome] of outcomes.entries()) {
      if (outcome.status === 'fulfilled' || this.closed) continue;
      this.node.error(outcome.reason, { ...msg, board: job.boards[index] });
    }
  }

  private async ask(
    original: Message,
    job: J,
    name: string,
    send: Send,
    cancellation: Cancellation,
  ): Promise<void> {
    // Nodes behind this one may change what they get, so each board's message is a copy.
    const msg = job.several ? this.RED.util.cloneMessage(original) : original;
    try {
      const answer = await cancellation.during((signal) => {
        const turn = this.queue.run(name, () => this.run(job, msg, name, send, signal), signal);
        this.status.update();
        return turn;
      });
      if (!this.closed) send(answer);
    } catch (error) {
      if (!(error instanceof AbortedError)) this.status.failed(asMqboardError(error));
      throw flowError(error, { board: name, path: job.path });
    } finally {
      if (!this.closed) this.status.update();
    }
  }

  private async run(
    job: J,
    msg: Message,
    name: string,
    send: Send,
    signal: AbortSignal,
  ): Promise<Message> {
    if (!this.server) throw noServer();
    const board = this.server.board(name);
    const activity = this.status.started();
    const aside = (message: Message) => {
      if (!this.closed) send([null, message]);
    };
    try {
      const done = await this.work.run(job, { msg, name, board, signal, activity, aside });
      activity.end(done.shown);
      return done.msg;
    } finally {
      activity.end();
    }
  }
}
