import { boardPath } from '../../core/index';
import { boardCommand } from '../board-command';
import { usageError } from '../broker-options';
import { PATHS } from '../remote-path';

export default boardCommand({
  command: 'rm <path..>',
  describe: 'Remove files from a board',
  build: (yargs) =>
    yargs.positional('path', PATHS).options({
      recursive: {
        type: 'boolean',
        alias: 'r',
        default: false,
        describe: 'Folders, too, with everything in them',
      },
    }),
  prepare: ({ path, recursive }) => {
    if (recursive && path.some((one) => boardPath(one) === '/')) {
      throw usageError(
        'rm -r / would remove the firmware, and the board could not be reached again.',
      );
    }
    return async (board, { options, result }) => {
      for (const one of path) {
        const removed = await board.remove(one, { ...options, what: recursive ? 'all' : 'file' });
        result('', { action: 'remove', path: boardPath(one), removed });
      }
    };
  },
});
