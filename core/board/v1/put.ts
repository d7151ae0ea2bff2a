import { BoardRefusedError } from '../../protocol/errors';
import { BoardFileError } from '../../protocol/file-errors';
import { decodeV1, isAcknowledgementV1, NOT_NUMBERED } from '../../protocol/header-v1';
import type { Call, Way } from '../call';
import type { Content } from '../transfer/content';
import { Ahead } from './ahead';
import { exchangeV1 } from './exchange';
import { fileErrorV1 } from './file-error';
import { askV1, tell } from './manage';
import { checkTopic } from './path';
import { manage, python } from './python';

const MESSAGE_BYTES = 1400;
/** What a broker keeps for a client that is slower: mosquitto's default. */
const QUEUED_MESSAGES = 1000;
/** By this message a board that acknowledges has acknowledged one. */
const SHOWN_AFTER = 16;
/** How long the board gets to show that it acknowledges, where that matters. */
const FIRST_SIGN_MS = 3_000;

/** Often enough for any time limit that makes sense. */
const RENEWED_MS = 100;

export interface PutV1 {
  path: string;
  content: Content;
  /** Makes the folders that are missing above the path. */
  parents: boolean;
  /** So many bytes more are on their way. */
  onSent: (bytes: number) => void;
}

/** Puts of version 1 on one board are done one after the other: together they would mix. */
const latest = new WeakMap<Way, Promise<unknown>>();

/**
 * Writes a file by the messages of version 1, under another name; compares it, and renames it, by
 * Python: the old file is there until the new one is whole.
 */
export async function putV1(call: Call, put: PutV1): Promise<{ unchanged: boolean }> {
  checkTopic(put.path, call.way.prefix);
  const { deadline } = call;
  // The one before has a time limit of its own: until it is over there is nothing to be late with.
  const waiting = setInterval(() => deadline.renew(), RENEWED_MS);
  const before = latest.get(call.way);
  const mine = Promise.resolve(before)
    .catch(() => {})
    .then(() => {
      clearInterval(waiting);
      deadline.signal.throwIfAborted();
      deadline.renew();
      return inTurn(call, put);
    });
  latest.set(call.way, mine);
  return deadline.limit(mine);
}

async function inTurn(call: Call, put: PutV1): Promise<{ unchanged: boolean }> {
  const { prefix } = call.way;
  const { path, parents } = put;
  const { size, sha256 } = put.content;
  const prepare = python.prepare(path, size, sha256, parents);
  const { same } = await askV1(call, prepare, path, 'parent');
  if (same) return { unchanged: true };
  const temporary = `${path}.mqb~`;
  try {
    await send(call, temporary, put);
  } catch (error) {
    if (error instanceof BoardFileError || error instanceof BoardRefusedError) {
      await tell(call, manage.remove({ path: temporary }), temporary).catch(() => {});
    }
    throw error;
  }
  const { good } = await askV1(call, python.finish(temporary, path, sha256), path);
  if (good) return { unchanged: false };
  throw new BoardFileError('corrupt', path, prefix, 'what was stored is not what was sent');
}

async function send(call: Call, temporary: string, put: PutV1): Promise<void> {
  const { path, onSent } = put;
  const { size, bytes } = put.content;
  const count = Math.max(1, Math.ceil(size / MESSAGE_BYTES));
  if (count > NOT_NUMBERED) throw tooLarge('a put of version 1 has at most 32767 messages.');
  const ahead = new Ahead();
  await exchangeV1(call, {
    onOutput: (payload) => {
      const message = decodeV1(payload);
      if (!message?.last) return undefined;
      if (!isAcknowledgementV1(message)) return true;
      ahead.acknowledged(Number(message.data.toString('utf8', 4)));
      return undefined;
    },
    onError: (text) => fileErrorV1(text, path, call.way.prefix, 'parent'),
    send: async (publish) => {
      for (let sequence = 0; sequence < count; sequence++) {
        const unsure = count > QUEUED_MESSAGES && sequence === SHOWN_AFTER;
        if (unsure && !(await ahead.isShown(FIRST_SIGN_MS))) {
          throw tooLarge(
            'its firmware does not say how far a put has come, and a broker keeps only about ' +
              `${QUEUED_MESSAGES} messages (1.3 MB) for it. Update its firmware, or split the file.`,
          );
        }
        const at = sequence * MESSAGE_BYTES;
        const data = bytes.subarray(at, at + MESSAGE_BYTES);
        const last = sequence === count - 1;
        await ahead.turn(sequence);
        ahead.sent(publish('put', { sequence, last, data }, temporary));
        onSent(data.length);
      }
      await ahead.arrived();
    },
  });
}

function tooLarge(words: string): BoardRefusedError {
  return new BoardRefusedError('large', words);
}
