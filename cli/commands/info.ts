import { BoardUnknownError, checkPrefix } from '../../core/index';
import { boardFacts } from '../board-facts';
import { namedBoards } from '../board-options';
import { exitCodes } from '../exit-codes';
import { fleetCommand, type Task } from '../fleet-command';
import { boardsOf } from '../known-boards';

const tellAbout =
  (names: string[]): Task =>
  async ({ fleet, signal, result, fail }) => {
    names.forEach(checkPrefix);
    await fleet.watch(names, { presence() {}, crash() {}, acknowledge: false });
    const known = await boardsOf(fleet, names, signal);
    if (signal.aborted) return exitCodes.interrupted;
    let code: number = exitCodes.ok;
    for (const [index, name] of names.entries()) {
      const board = known.find((one) => one.board === name);
      if (board) result(`${index > 0 ? '\n' : ''}${boardFacts(board, Date.now())}`, board);
      else code = fail(nothingKnown(name), { board: name });
    }
    return code;
  };

function nothingKnown(name: string): BoardUnknownError {
  return new BoardUnknownError(
    `Nothing is known of ${name}: the broker has retained nothing that it said. Check its name (mqboard boards lists ` +
      'all), and that it has connected to this broker. A board of the original says nothing of itself.',
  );
}

export default fleetCommand({
  command: 'info [board..]',
  describe: 'Tell what a board says of itself, also when it is offline',
  build: (yargs) =>
    yargs.positional('board', { type: 'string', array: true, describe: 'Board, or several' }),
  prepare: (args) => {
    const named = namedBoards(args, process.env);
    return tellAbout(named.length > 0 ? named : ['']);
  },
});
