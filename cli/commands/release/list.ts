import { boardCommand } from '../../board-command';
import { releaseTable } from '../../release-table';

export default boardCommand({
  command: 'list [board..]',
  describe: 'Tell what a board has in its slots, and what became of its last update',
  build: (yargs) =>
    yargs
      .positional('board', { type: 'string', array: true, describe: 'Board, or several' })
      .options({
        verify: {
          type: 'boolean',
          default: false,
          describe: 'The board hashes each file: nothing that was changed stays hidden',
        },
      }),
  prepare:
    ({ verify }) =>
    async (board, { options, result }) => {
      const state = await board.releases({ ...options, verify });
      result(releaseTable(state), state);
    },
});
