import { SLOTS } from '../../../core/index';
import { boardCommand } from '../../board-command';
import { trialFrom, trialOption } from '../../trial-option';
import { updating } from '../../update-result';

export default boardCommand({
  command: 'rollback <slot> [board..]',
  describe: 'Bring back the release before, on trial; or undo what is on trial',
  build: (yargs) =>
    yargs
      .positional('slot', { choices: SLOTS, demandOption: true, describe: 'What goes back' })
      .positional('board', { type: 'string', array: true, describe: 'Board, or several' })
      .options({
        ...trialOption,
        why: { type: 'string', requiresArg: true, describe: 'For the log and info of the board' },
      }),
  prepare: (args) => {
    const { slot, why } = args;
    const wait = trialFrom(args);
    const reason = why === undefined ? {} : { why };
    return updating((board, options) => board.rollback(slot, { ...options, ...wait, ...reason }));
  },
});
