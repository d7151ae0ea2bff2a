import { randomBytes } from 'node:crypto';
import type { Subscription } from '../../link/connection';
import type { Message } from '../../link/subscriptions';
import { AbortedError } from '../../protocol/errors';
import { encodeV1, type MessageV1 } from '../../protocol/header-v1';
import { topics } from '../../protocol/topics';
import type { Call } from '../call';

/** One command of version 1: what it sends, and what it makes of the answer. */
export interface CommandV1<T> {
  /** Returns the result, with the message that ends the command; undefined before. */
  onOutput: (payload: Buffer) => T | undefined;
  /** What the text that the board reports as an error means. */
  onError: (text: string) => Error;
  /** Sends the command. `publish` is over when the broker has the message. */
  send: (publish: Publish) => Promise<void>;
}

export type Publish = (command: string, message: MessageV1, path?: string) => Promise<void>;

/**
 * Carries a command out by version 1 of the wire, which knows neither repeats nor cancelling: what is
 * lost shows as a timeout, and what runs, runs on.
 */
export async function exchangeV1<T>({ way, deadline }: Call, command: CommandV1<T>): Promise<T> {
  const { connection, prefix, presence } = way;
  const { signal } = deadline;
  const id = randomBytes(6).toString('base64url');
  const subscriptions: Subscription[] = [];
  let over = false;

  const listen = async (topic: string, listener: (payload: Buffer) => void) => {
    const heard = ({ payload }: Message) => {
      presence.answered = true;
      listener(payload);
    };
    const subscription = await connection.subscribe(topic, heard, { qos: 1 });
    if (over) subscription.close();
    else subscriptions.push(subscription);
  };
  const publish: Publish = async (name, message, path) => {
    if (over) throw new AbortedError();
    const topic = topics.v1Command(prefix, name, id, path);
    await connection.publish(topic, encodeV1(message), { qos: 1 });
  };

  const outcome = new Promise<T>((resolve, reject) => {
    const onOutput = (payload: Buffer) => {
      try {
        const result = command.onOutput(payload);
        if (result !== undefined) resolve(result);
      } catch (error) {
        reject(error);
      }
    };
    const start = async () => {
      await listen(topics.v1Output(prefix, id), onOutput);
      await listen(topics.v1Error(prefix, id), (payload) => {
        reject(command.onError(payload.toString()));
      });
      if (!signal.aborted) await command.send(publish);
    };
    start().catch(reject);
  });
  try {
    return await deadline.limit(outcome);
  } finally {
    over = true;
    for (const subscription of subscriptions) subscription.close();
  }
}
