import { boardPath } from '../../core/index';
import { boardCommand } from '../board-command';
import { PATHS } from '../remote-path';

export default boardCommand({
  command: 'mkdir <path..>',
  describe: 'Make folders on a board',
  build: (yargs) =>
    yargs.positional('path', PATHS).options({
      parents: {
        type: 'boolean',
        alias: 'p',
        default: false,
        describe: 'With the folders above; a folder that exists is fine',
      },
    }),
  prepare:
    ({ path, parents }) =>
    async (board, { options, result }) => {
      for (const one of path) {
        await board.mkdir(one, { ...options, parents });
        result('', { action: 'mkdir', path: boardPath(one) });
      }
    },
});
