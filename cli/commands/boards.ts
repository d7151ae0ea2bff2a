import { namedBoards } from '../board-options';
import { boardTable } from '../board-table';
import { exitCodes } from '../exit-codes';
import { fleetCommand, type Task } from '../fleet-command';
import { boardsOf } from '../known-boards';

const listBoards =
  (filters: string[]): Task =>
  async ({ fleet, signal, json, result, say, write }) => {
    await fleet.watch(filters, { presence() {}, crash() {}, acknowledge: false });
    const known = await boardsOf(fleet, filters, signal);
    if (signal.aborted) return exitCodes.interrupted;
    if (json) for (const board of known) result('', board);
    else if (known.length > 0) write(boardTable(known, Date.now()));
    else say('the broker has retained nothing of such boards');
    return exitCodes.ok;
  };

export default fleetCommand({
  command: 'boards [board..]',
  describe: 'List the boards that the broker knows, online or not',
  build: (yargs) =>
    yargs.positional('board', {
      type: 'string',
      array: true,
      describe: 'Boards, with + and # as in MQTT; all if missing',
    }),
  // All, whatever board the environment names for the commands that work on one.
  prepare: (args) => {
    const named = namedBoards(args, {});
    return listBoards(named.length > 0 ? named : ['#']);
  },
});
