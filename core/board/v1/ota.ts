import { BoardRefusedError } from '../../protocol/errors';
import type { Call } from '../call';
import { evalV1 } from './eval';
import { sendNumberedV1 } from './numbered';

export interface OtaV1 {
  image: Buffer;
  sha256: string;
  /** So many bytes are on their way. */
  onSent: (bytes: number) => void;
}

/**
 * Writes a firmware image by the messages of version 1. The board reads it back, and will start it after its
 * next reset.
 * @throws BoardRefusedError with what the board said.
 */
export async function otaV1(call: Call, { image, sha256, onSent }: OtaV1): Promise<void> {
  // Whether anybody is there at all: the broker would take the whole image.
  await evalV1(call, 'None');
  let done = 0;
  await sendNumberedV1(call, {
    command: 'ota',
    argument: sha256,
    bytes: image,
    onSent: (bytes) => {
      call.deadline.renew();
      done += bytes;
      onSent(done);
    },
    onError: (text) => {
      const line = text.trimEnd().split('\n').at(-1) ?? '';
      return new BoardRefusedError('ota', `${line}. Nothing was chosen: what ran still runs.`);
    },
  });
}
