import { boardCommand } from '../board-command';
import { usageError } from '../broker-options';
import { print } from './get';

export default boardCommand({
  command: 'cat <remote..>',
  describe: 'Print files of a board',
  build: (yargs) =>
    yargs.positional('remote', {
      type: 'string',
      array: true,
      demandOption: true,
      describe: 'Paths on the board',
    }),
  prepare: ({ remote, json }) => {
    if (json) throw usageError('cat prints the file and nothing else: leave --json out.');
    return async (board, turn) => {
      for (const path of remote) await print(path)(board, turn);
    };
  },
});
