import { BoardRefusedError } from '../../protocol/errors';
import { decodeV1, isAcknowledgementV1, NOT_NUMBERED } from '../../protocol/header-v1';
import type { Call } from '../call';
import { Ahead } from './ahead';
import { exchangeV1 } from './exchange';

const MESSAGE_BYTES = 1400;
/** What a broker keeps for a client that is slower: mosquitto's default. */
const QUEUED_MESSAGES = 1000;
/** By this message a board that acknowledges has acknowledged one. */
const SHOWN_AFTER = 16;
/** How long the board gets to show that it acknowledges, where that matters. */
const FIRST_SIGN_MS = 3_000;

export interface NumberedV1 {
  command: 'put' | 'ota';
  argument: string;
  bytes: Buffer;
  /** So many bytes more are on their way. */
  onSent: (bytes: number) => void;
  /** What the text that the board reports as an error means. */
  onError: (text: string) => Error;
}

/** Sends bytes as the numbered messages of one command, as far ahead of the board as it can take. */
export async function sendNumberedV1(call: Call, wanted: NumberedV1): Promise<void> {
  const { command, argument, bytes, onSent, onError } = wanted;
  const count = Math.max(1, Math.ceil(bytes.length / MESSAGE_BYTES));
  if (count > NOT_NUMBERED) throw tooLarge(`a ${command} of version 1 has at most 32767 messages.`);
  const ahead = new Ahead();
  await exchangeV1(call, {
    onOutput: (payload) => {
      const message = decodeV1(payload);
      if (!message?.last) return undefined;
      if (!isAcknowledgementV1(message)) return true;
      ahead.acknowledged(Number(message.data.toString('utf8', 4)));
      return undefined;
    },
    onError,
    send: async (publish) => {
      for (let sequence = 0; sequence < count; sequence++) {
        const unsure = count > QUEUED_MESSAGES && sequence === SHOWN_AFTER;
        if (unsure && !(await ahead.isShown(FIRST_SIGN_MS))) {
          throw tooLarge(
            `its firmware does not say how far a ${command} has come, and a broker keeps only about ` +
              `${QUEUED_MESSAGES} messages (1.3 MB) for it. Update its firmware, or send less at once.`,
          );
        }
        const at = sequence * MESSAGE_BYTES;
        const data = bytes.subarray(at, at + MESSAGE_BYTES);
        const last = sequence === count - 1;
        await ahead.turn(sequence);
        ahead.sent(publish(command, { sequence, last, data }, argument));
        onSent(data.length);
      }
      await ahead.arrived();
    },
  });
}

function tooLarge(words: string): BoardRefusedError {
  return new BoardRefusedError('large', words);
}
