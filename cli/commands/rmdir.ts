import { boardPath } from '../../core/index';
import { boardCommand } from '../board-command';

export default boardCommand({
  command: 'rmdir <path..>',
  describe: 'Remove empty folders from a board',
  build: (yargs) =>
    yargs.positional('path', {
      type: 'string',
      array: true,
      demandOption: true,
      describe: 'On the board',
    }),
  prepare:
    ({ path }) =>
    async (board, { options, result }) => {
      for (const one of path) {
        const removed = await board.remove(one, { ...options, what: 'folder' });
        result('', { action: 'remove', path: boardPath(one), removed });
      }
    },
});
