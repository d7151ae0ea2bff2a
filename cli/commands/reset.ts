import { type Board, BoardOfflineError, type ResetHow, type ResetOptions } from '../../core/index';
import { boardCommand } from '../board-command';
import { usageError } from '../broker-options';

const HOW = ['safe', 'normal', 'soft', 'hard'] as const satisfies ResetHow[];

type HowArguments = { [how in (typeof HOW)[number]]?: boolean | undefined };

function howFrom(args: HowArguments): ResetHow {
  const [how = 'normal', another] = HOW.filter((one) => args[one]);
  if (another) throw usageError(`--${how} and --${another} do not go together.`);
  return how;
}

export default boardCommand({
  command: 'reset [board..]',
  describe: 'Restart a board, into safe mode or out of it',
  build: (yargs) =>
    yargs
      .positional('board', { type: 'string', array: true, describe: 'Board, or several' })
      .options({
        safe: { type: 'boolean', describe: 'Into safe mode: connected, without the application' },
        normal: {
          type: 'boolean',
          describe: 'Into normal mode; this is what happens without options',
        },
        soft: { type: 'boolean', describe: 'Only MicroPython, as Ctrl-D does' },
        hard: { type: 'boolean', describe: 'At once, without ending anything before' },
        stay: {
          type: 'boolean',
          default: false,
          describe:
            'With --safe: the broker keeps it there until reset --normal, also a board that is offline',
        },
        why: { type: 'string', requiresArg: true, describe: 'For the log and info of the board' },
        wait: {
          type: 'boolean',
          default: true,
          describe: 'Wait until the board is back; --no-wait does not',
        },
      }),
  prepare: (args) => {
    const how = howFrom(args);
    const { stay, wait, why } = args;
    if (stay && how !== 'safe') throw usageError('--stay goes with --safe.');
    const more = { wait, ...(why !== undefined && { why }) };
    return async (board, { options, result }) => {
      const told = await tell(board, how, { ...options, ...more }, stay);
      const mode = wait && told ? board.info?.mode : undefined;
      const { prefix } = board;
      const state = !told ? LATER : wait ? `back${mode ? `, in mode ${mode}` : ''}` : 'restarting';
      result(`${prefix} is ${state}\n`, { board: prefix, how, told, ...(mode && { mode }) });
    };
  },
});

const LATER = 'offline, and goes into safe mode when it connects';

/** Returns false where only the broker could be told. */
async function tell(
  board: Board,
  how: ResetHow,
  options: ResetOptions,
  stay: boolean,
): Promise<boolean> {
  try {
    await board.reset(how, options);
  } catch (error) {
    if (!(error instanceof BoardOfflineError)) throw error;
    if (how === 'normal') await board.keep('mode', null);
    if (!stay) throw error;
    await board.keep('mode', { mode: 'safe' });
    return false;
  }
  if (stay) await board.keep('mode', { mode: 'safe' });
  return true;
}
