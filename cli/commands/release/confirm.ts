import { boardCommand } from '../../board-command';

export default boardCommand({
  command: 'confirm [board..]',
  describe: 'Confirm what is on trial at once; or declare good what is there, for the safe copy',
  build: (yargs) =>
    yargs.positional('board', { type: 'string', array: true, describe: 'Board, or several' }),
  prepare:
    () =>
    async (board, { options, result }) => {
      await board.confirm(options);
      result(`${board.prefix}: confirmed\n`, { board: board.prefix, confirmed: true });
    },
});
