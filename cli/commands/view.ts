import { once } from 'node:events';
import { LEVELS } from '../../core/index';
import { namedBoards } from '../board-options';
import { usageError } from '../broker-options';
import { paintFor } from '../colours';
import { exitCodes } from '../exit-codes';
import { fleetCommand, type Scene, type Task } from '../fleet-command';
import { boardsOf, isFilter } from '../known-boards';
import { Screen } from '../screen';
import { Viewer, type ViewerOptions } from '../viewer';

/** `warning`, or as much of it as tells it apart. */
function levelFrom(given: string | undefined): number {
  if (given === undefined) return 0;
  const found = Object.entries(LEVELS).find(([name]) => name.startsWith(given.toLowerCase()));
  if (found && given !== '') return found[1];
  throw usageError(`The level is "${given}". It is one of ${Object.keys(LEVELS).join(', ')}.`);
}

const view =
  (filters: string[], options: ViewerOptions, colour: boolean | undefined): Task =>
  async (scene) => {
    const { fleet, signal } = scene;
    const isTerminal = process.stdout.isTTY === true;
    const paint = paintFor(colour, isTerminal, process.env);
    const several = filters.length > 1 || filters.some(isFilter);
    const screen = new Screen(scene.write, paint, several, isTerminal);
    screen.expect(filters.filter((name) => !isFilter(name)));
    const viewer = new Viewer(scene, screen, options);
    tellOfTheLink(scene);
    await fleet.watch(filters, viewer);
    const known = await boardsOf(fleet, filters, signal);
    for (const name of filters) {
      if (isFilter(name) || known.some(({ board }) => board === name)) continue;
      scene.say(`nothing is known of ${name} yet; what it says is shown when it comes`);
    }
    for (const { board, online } of known) if (online) void viewer.catchUp(board);
    if (!signal.aborted) await once(signal, 'abort');
    return exitCodes.ok;
  };

/** While there is no link nothing comes, and that must not look like silence of the boards. */
function tellOfTheLink({ connection, say }: Scene): void {
  connection.on('disconnected', ({ reason }) => say(`${reason} It is tried again.`));
  connection.on('refused', ({ error }) => say(error.message));
  connection.on('connected', () => say('connected again'));
}

export default fleetCommand({
  command: 'view [board..]',
  describe: 'Show what boards log and what happens to them, live',
  build: (yargs) =>
    yargs
      .positional('board', {
        type: 'string',
        array: true,
        describe: 'Boards, with + and # as in MQTT; all if missing',
      })
      .options({
        level: {
          type: 'string',
          requiresArg: true,
          describe: 'The lowest level: debug, info, warning, error, critical',
        },
        logger: {
          type: 'string',
          requiresArg: true,
          describe: 'Only what this logger said; several with commas',
        },
        'since-boot': {
          type: 'boolean',
          default: false,
          describe: 'First what each board remembers since its boot',
        },
        color: {
          type: 'boolean',
          describe: 'Colours, or --no-color; if missing: on a terminal, without NO_COLOR',
        },
      })
      .example('$0 view --level warning', 'warnings and worse of all boards')
      .example('$0 view esp32/+ --since-boot', 'also what was said before'),
  prepare: (args) => {
    const named = namedBoards(args, process.env);
    const loggers = (args.logger ?? '').split(',').map((name) => name.trim());
    const options = {
      least: levelFrom(args.level),
      loggers: new Set(loggers.filter((name) => name !== '')),
      sinceBoot: args.sinceBoot,
    };
    return view(named.length > 0 ? named : ['#'], options, args.color);
  },
});
