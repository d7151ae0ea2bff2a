import { boardPath } from '../../core/index';
import { boardCommand } from '../board-command';
import { PATHS } from '../remote-path';

export default boardCommand({
  command: 'rmdir <path..>',
  describe: 'Remove empty folders from a board',
  build: (yargs) => yargs.positional('path', PATHS),
  prepare:
    ({ path }) =>
    async (board, { options, result }) => {
      for (const one of path) {
        const removed = await board.remove(one, { ...options, what: 'folder' });
        result('', { action: 'remove', path: boardPath(one), removed });
      }
    },
});
