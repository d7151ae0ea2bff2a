import { BoardError } from '../../protocol/errors';
import { BoardFileError } from '../../protocol/file-errors';

/** By number, because boards say the names of some only. */
const REASONS: Record<string, string> = {
  1: 'readonly',
  2: 'missing',
  12: 'memory',
  13: 'readonly',
  17: 'exists',
  20: 'file',
  21: 'folder',
  28: 'full',
  30: 'readonly',
  36: 'name',
  39: 'notempty',
};

/** What a traceback of a board of version 1 says about a file; `missing` is what ENOENT means here. */
export function fileErrorV1(
  traceback: string,
  path: string,
  prefix: string,
  missing: 'missing' | 'parent' = 'missing',
): BoardFileError {
  const { message } = new BoardError(traceback, '');
  const [, number = ''] = /OSError: (?:\[Errno )?(\d+)/.exec(message) ?? [];
  const memory = message.startsWith('MemoryError') ? 'memory' : 'io';
  const reason = REASONS[number] ?? memory;
  return new BoardFileError(reason === 'missing' ? missing : reason, path, prefix, message);
}
