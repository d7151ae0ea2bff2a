import { BoardFileError } from '../../protocol/file-errors';

/** @throws BoardFileError for a path that cannot stand in a topic, which is where version 1 has it. */
export function checkTopic(path: string, prefix: string): void {
  if (!/[+#]/.test(path)) return;
  const words =
    'it speaks version 1 of the wire, which cannot put or get a file with + or # in its name';
  throw new BoardFileError('name', path, prefix, words);
}
