import { boardPath } from '../../core/index';
import { boardCommand } from '../board-command';
import { intoOrAs, nameOf } from '../remote-path';

export default boardCommand({
  command: 'mv <from> <to>',
  describe: 'Rename or move a file or a folder on a board',
  build: (yargs) =>
    yargs
      .positional('from', { type: 'string', demandOption: true, describe: 'On the board' })
      .positional('to', {
        type: 'string',
        demandOption: true,
        describe: 'Its new path, or the folder it shall be in; a file there is replaced',
      }),
  prepare:
    ({ from, to }) =>
    async (board, { options, result }) => {
      const path = boardPath(from);
      await intoOrAs(to, nameOf(from), async (place) => {
        await board.rename(path, place, options);
        result('', { action: 'rename', path, to: place });
      });
    },
});
