import { BoardError } from '../../protocol/errors';
import type { Call } from '../call';
import { exchangeV1 } from './exchange';
import { ReplyV1 } from './reply';

/**
 * Evaluates by version 1 of the wire. The text is that of the value, or what statements printed.
 * @throws BoardError with the traceback.
 */
export async function evalV1(call: Call, source: string, onSent = () => {}): Promise<string> {
  const reply = new ReplyV1();
  const parts: Buffer[] = [];
  const text = () => Buffer.concat(parts).toString();
  return exchangeV1(call, {
    onOutput: (payload) => {
      const part = reply.take(payload);
      if (part) parts.push(part.data);
      return part?.last ? text() : undefined;
    },
    onError: (traceback) => new BoardError(traceback, text()),
    send: async (publish) => {
      onSent();
      await publish('eval', { sequence: 0, last: true, data: Buffer.from(source) });
    },
  });
}
