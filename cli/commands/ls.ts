import { relative } from 'node:path/posix';
import { boardPath, type FileEntry } from '../../core/index';
import { boardCommand } from '../board-command';
import { nameOf } from '../remote-path';

const SIZE_WIDTH = 10;

function asLine({ path, type, size, sha256 }: FileEntry, folder: string, sha: boolean): string {
  const name = relative(folder, path) || nameOf(path);
  const shown = type === 'folder' ? `${name}/` : name;
  const hash = sha ? `${(sha256 ?? '').padEnd(64)}  ` : '';
  return `${hash}${`${size ?? ''}`.padStart(SIZE_WIDTH)}  ${shown}\n`;
}

export default boardCommand({
  command: 'ls [path]',
  describe: 'List a folder of a board',
  build: (yargs) =>
    yargs.positional('path', { type: 'string', describe: 'On the board; / if missing' }).options({
      recursive: {
        type: 'boolean',
        alias: 'r',
        default: false,
        describe: 'With everything below',
      },
      sha: { type: 'boolean', default: false, describe: 'With the SHA-256 of each file' },
    }),
  prepare:
    ({ path = '/', recursive, sha }) =>
    async (board, { options, result }) => {
      const folder = boardPath(path);
      const onEntry = (entry: FileEntry) => result(asLine(entry, folder, sha), entry);
      await board.list(folder, { ...options, recursive, hash: sha, onEntry });
    },
});
