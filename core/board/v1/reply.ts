import { OutputLostError } from '../../protocol/errors';
import { decodeV1, isAcknowledgementV1, NOT_NUMBERED } from '../../protocol/header-v1';

/** What one message of a reply says, where it says something new. */
export interface PartV1 {
  data: Buffer;
  last: boolean;
}

/** Puts the numbered messages of a version 1 reply in order. */
export class ReplyV1 {
  private next = 0;

  /**
   * Returns undefined for a redelivery, an acknowledgement, and what is no message.
   * @throws OutputLostError when a message between two others is missing.
   */
  take(payload: Buffer): PartV1 | undefined {
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
    return { data, last };
  }
}
