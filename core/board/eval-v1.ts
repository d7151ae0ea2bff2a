import { randomBytes } from 'node:crypto';
import type { Connection, Subscription } from '../link/connection';
import type { Message } from '../link/subscriptions';
import { BoardError, OutputLostError } from '../protocol/errors';
import { decodeV1, encodeV1, isAcknowledgementV1, NOT_NUMBERED } from '../protocol/header-v1';
import { topics } from '../protocol/topics';

/** Puts the messages of a version 1 reply together. */
export class ReplyV1 {
  private next = 0;
  private readonly parts: Buffer[] = [];

  /** What came so far. */
  get text(): string {
    return Buffer.concat(this.parts).toString();
  }

  /**
   * Returns the whole reply with its last message, undefined before.
   * @throws OutputLostError when a message between two others is missing.
   */
  take(payload: Buffer): string | undefined {
    const message = decodeV1(payload);
    if (!message || isAcknowledgementV1(message)) return undefined;
    const { sequence, last, data } = message;
    if (sequence !== NOT_NUMBERED) {
      if (sequence < this.next) return undefined;
      if (sequence > this.next) {
        throw new OutputLostError(`Message ${this.next} of the board's reply was lost.`);
      }
      this.next++;
    }
    this.parts.push(data);
    return last ? this.text : undefined;
  }
}

export interface CallV1 {
  connection: Connection;
  prefix: string;
  source: string;
  onSent: () => void;
  /** The board said something. */
  onAnswer: () => void;
}

/**
 * Evaluates by version 1 of the wire, which knows neither repeats nor cancelling: what is lost shows
 * as a timeout, and what runs, runs on.
 * @throws BoardError with the traceback.
 */
export async function evalV1(
  { connection, prefix, source, onSent, onAnswer }: CallV1,
  signal: AbortSignal,
): Promise<string> {
  const id = randomBytes(6).toString('base64url');
  const reply = new ReplyV1();
  const subscriptions: Subscription[] = [];
  let onAbort = () => {};
  try {
    return await new Promise<string>((resolve, reject) => {
      onAbort = () => reject(signal.reason);
      if (signal.aborted) return onAbort();
      signal.addEventListener('abort', onAbort, { once: true });
      const onOutput = ({ payload }: Message) => {
        onAnswer();
        try {
          const text = reply.take(payload);
          if (text !== undefined) resolve(text);
        } catch (error) {
          reject(error);
        }
      };
      const onError = ({ payload }: Message) => {
        onAnswer();
        reject(new BoardError(payload.toString(), reply.text));
      };
      const start = async () => {
        const listen = async (topic: string, listener: (message: Message) => void) => {
          const subscription = await connection.subscribe(topic, listener, { qos: 1 });
          if (signal.aborted) subscription.close();
          else subscriptions.push(subscription);
        };
        await listen(topics.v1Output(prefix, id), onOutput);
        await listen(topics.v1Error(prefix, id), onError);
        if (signal.aborted) return;
        const command = encodeV1({ sequence: 0, last: true, data: Buffer.from(source) });
        onSent();
        await connection.publish(topics.v1Command(prefix, 'eval', id), command, { qos: 1 });
      };
      start().catch(reject);
    });
  } finally {
    signal.removeEventListener('abort', onAbort);
    for (const subscription of subscriptions) subscription.close();
  }
}
