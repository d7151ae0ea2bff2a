import type { Node, NodeAPI, NodeMessageInFlow } from 'node-red';
import { AbortedError, type EvalResult, InvalidInputError, MqboardError } from '../../core/index';
import { Cancellation } from '../shared/cancellation';
import { flowError } from '../shared/flow-error';
import { KeyedQueue } from '../shared/keyed-queue';
import { Lines } from '../shared/lines';
import type { LinkState, ServerNode, ServerUser } from '../shared/server-node';
import { timeoutMs } from '../shared/server-settings';
import { type Job, type JobSettings, readJob } from './job';
import { EvalStatus } from './status';

export interface EvalSettings extends JobSettings {
  /** Seconds, as typed; empty for the server's time limit. */
  timeout: string;
  /** Property of the message that takes the result. */
  result: string;
  resultAs: 'value' | 'text';
  /** Whether printed lines come out of the second output while the code runs. */
  live: boolean;
}

export type Message = NodeMessageInFlow & { board?: unknown; cancel?: unknown };
export type Send = (messages: Message | Array<Message | null>) => void;

/** Longer, and the flow asks faster than the board can answer. */
const LONGEST_QUEUE = 50;

/** What an `mqboard-eval` node does with its messages. */
export class Evaluator implements ServerUser {
  private readonly queue = new KeyedQueue(LONGEST_QUEUE);
  private readonly status: EvalStatus;
  private readonly underWay = new Set<Cancellation>();
  private lastAccepted: Promise<unknown> = Promise.resolve();
  private closed = false;

  constructor(
    private readonly RED: NodeAPI,
    private readonly node: Node,
    private readonly settings: EvalSettings,
    private server: ServerNode | null,
  ) {
    this.status = new EvalStatus(
      (status) => node.status(status),
      (key, options) => RED._(key, options),
      () => this.queue.waiting,
    );
  }

  open(): void {
    if (this.server) this.server.register(this);
    else this.onLink({ state: 'refused', error: noServer() });
  }

  /** For a node that was opened without one. */
  useServer(server: ServerNode): void {
    this.server = server;
    server.register(this);
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
    this.underWay.add(cancellation);
    let failure: Error | undefined;
    try {
      const { job, results } = await this.accept(msg, send, cancellation);
      if (job.several) await this.reportEach(job, results, msg);
      else await Promise.all(results);
    } catch (error) {
      failure = error as Error;
    }
    this.underWay.delete(cancellation);
    done(this.closed ? undefined : failure);
  }

  async close(): Promise<void> {
    this.closed = true;
    this.cancel();
    await this.server?.deregister(this);
  }

  private cancel(): void {
    for (const cancellation of this.underWay) cancellation.cancel();
  }

  /** Reads the message and queues its work. Reading may take time; the order stays that of arrival. */
  private accept(
    msg: Message,
    send: Send,
    cancellation: Cancellation,
  ): Promise<{ job: Job; results: Promise<void>[] }> {
    const accepted = this.lastAccepted.then(async () => {
      try {
        if (!this.server) throw noServer();
        const limitMs = timeoutMs(this.settings.timeout, this.server.timeoutMs);
        const job = await readJob(this.RED, this.node, this.settings, msg);
        const ask = (board: string) => this.ask(msg, job, board, limitMs, send, cancellation);
        return { job, results: job.boards.map(ask) };
      } catch (error) {
        this.status.failed(asMqboardError(error));
        throw flowError(error);
      }
    });
    this.lastAccepted = accepted.catch(() => undefined);
    return accepted;
  }

  /** One board's failure is told to the catch nodes with that board's name; the others go on. */
  private async reportEach(job: Job, results: Promise<void>[], msg: Message): Promise<void> {
    const outcomes = await Promise.allSettled(results);
    for (const [index, outcome] of outcomes.entries()) {
      if (outcome.status === 'fulfilled' || this.closed) continue;
      this.node.error(outcome.reason, { ...msg, board: job.boards[index] });
    }
  }

  private async ask(
    msg: Message,
    job: Job,
    board: string,
    limitMs: number,
    send: Send,
    cancellation: Cancellation,
  ): Promise<void> {
    // Nodes behind this one may change what they get, so each board's message is a copy.
    const base = job.several ? this.RED.util.cloneMessage(msg) : msg;
    try {
      const result = await cancellation.during((signal) => {
        const turn = this.queue.run(
          board,
          () => this.run(base, job, board, limitMs, send, signal),
          signal,
        );
        this.status.update();
        return turn;
      });
      if (!this.closed) send(this.answer(base, board, result));
    } catch (error) {
      if (!(error instanceof AbortedError)) this.status.failed(asMqboardError(error));
      throw flowError(error, board);
    } finally {
      if (!this.closed) this.status.update();
    }
  }

  private async run(
    msg: Message,
    job: Job,
    board: string,
    limitMs: number,
    send: Send,
    signal: AbortSignal,
  ): Promise<EvalResult> {
    const lines = new Lines((line) => {
      if (!this.closed) send([null, this.liveMessage(msg, board, line)]);
    });
    const finished = this.status.started();
    try {
      const result = await this.target(board).eval(job.code, {
        variables: job.variables,
        timeoutMs: limitMs,
        signal,
        ...(this.settings.live && { onOutput: (text: string) => lines.push(text) }),
      });
      finished(result.elapsedMs);
      return result;
    } finally {
      lines.end();
      finished();
    }
  }

  private target(board: string) {
    if (!this.server) throw noServer();
    return this.server.board(board);
  }

  private liveMessage(msg: Message, board: string, line: string): Message {
    return Object.assign(this.RED.util.cloneMessage(msg), { payload: line, board });
  }

  private answer(msg: Message, board: string, result: EvalResult): Message {
    const { resultAs, result: property } = this.settings;
    const { text, output, hasValue, value } = result;
    const elapsedMs = Math.round(result.elapsedMs * 10) / 10;
    const message = Object.assign({}, msg, { board, mqboard: { text, output, elapsedMs } });
    const given = resultAs !== 'text' && hasValue ? value : text;
    if (!this.RED.util.setMessageProperty(message, property || 'payload', given, true)) {
      const sentence = `The result cannot be put into msg.${property}: a part of the path is no object.`;
      throw new InvalidInputError('BAD_RESULT', 'bad result property', sentence);
    }
    return message;
  }
}

function noServer(): InvalidInputError {
  return new InvalidInputError(
    'NO_SERVER',
    'no server',
    'The MQTT server of this node is not chosen, or its server node is missing or disabled.',
  );
}

function asMqboardError(error: unknown): MqboardError {
  if (error instanceof MqboardError) return error;
  return new MqboardError('INTERNAL', 'error', String((error as Error)?.message ?? error));
}
