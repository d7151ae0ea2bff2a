import { BoardRefusedError } from '../../protocol/errors';
import { BoardFileError } from '../../protocol/file-errors';
import type { Call, Way } from '../call';
import type { Content } from '../transfer/content';
import { fileErrorV1 } from './file-error';
import { askV1, tell } from './manage';
import { sendNumberedV1 } from './numbered';
import { checkTopic } from './path';
import { manage, python } from './python';

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
    await sendNumberedV1(call, {
      command: 'put',
      argument: temporary,
      bytes: put.content.bytes,
      onSent: put.onSent,
      onError: (text) => fileErrorV1(text, path, prefix, 'parent'),
    });
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
