import { BoardFileError } from '../../protocol/file-errors';
import type { Call } from '../call';
import type { Intake } from '../transfer/intake';
import { exchangeV1 } from './exchange';
import { fileErrorV1 } from './file-error';
import { askV1 } from './manage';
import { checkTopic } from './path';
import { manage } from './python';
import { ReplyV1 } from './reply';

/**
 * Reads a file by the messages of version 1, whole: it knows no resuming, and the board sends without
 * waiting for whoever takes the bytes.
 */
export async function getV1(
  call: Call,
  path: string,
  intake: Intake,
  onReceived: (bytes: number, total: number) => void,
): Promise<{ size: number; sha256: string; resumedAt: number }> {
  const { prefix } = call.way;
  checkTopic(path, prefix);
  const { size, sha } = await askV1(call, manage.hash({ path }), path);
  await call.deadline.limit(intake.begin());
  intake.restart();
  const reply = new ReplyV1();
  const sent = exchangeV1(call, {
    onOutput: (payload) => {
      const part = reply.take(payload);
      if (!part) return undefined;
      if (part.data.length > 0) intake.add(part.data);
      onReceived(intake.received, Number(size));
      return part.last || undefined;
    },
    onError: (text) => fileErrorV1(text, path, prefix),
    send: (publish) => publish('get', { sequence: 0, last: true, data: Buffer.alloc(0) }, path),
  });
  const failed = new Promise<never>((_, reject) => intake.listen(undefined, reject));
  await Promise.race([sent, failed]);
  await Promise.race([call.deadline.limit(intake.flush()), failed]);
  if (intake.digest() !== sha) {
    throw new BoardFileError('corrupt', path, prefix, 'what arrived is not what the board has');
  }
  return { size: intake.received, sha256: String(sha), resumedAt: 0 };
}
