import { type Board, BoardOfflineError } from '../../core/index';
import { namedBoards } from '../board-options';
import { usageError } from '../broker-options';
import { fleetCommand, type Scene, type Task } from '../fleet-command';
import { onEach } from '../on-each';

const SETTINGS = ['log', 'sysinfo', 'wake'] as const;
type What = (typeof SETTINGS)[number];
type Setting = object | null;

interface Wish {
  what: What;
  /** Undefined: only shown. */
  to: Setting | undefined;
  keep: boolean;
}

const isSetting = (word: string | undefined): word is What => SETTINGS.some((one) => one === word);

function readJson(text: string): Setting {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Said below, with what is no object.
  }
  if (typeof value === 'object' && !Array.isArray(value)) return value;
  throw usageError(`${text} is no setting. It is a JSON object, or null for what is configured.`);
}

/** The board may be missing in front, where --prefix or the environment names it. */
function wishFrom(words: Array<string | undefined>, keep: boolean): Wish {
  const [what, text] = words;
  if (!isSetting(what)) throw usageError(`What shall be set? One of ${SETTINGS.join(', ')}.`);
  if (keep && text === undefined) throw usageError('What shall be kept? Give the setting as JSON.');
  return { what, to: text === undefined ? undefined : readJson(text), keep };
}

const change =
  (names: string[], { what, to, keep }: Wish): Task =>
  (scene) =>
    onEach(scene, names, async (name, board) => {
      // First the board, so that nothing is kept that it cannot understand.
      const set = await carryOut(scene, board, what, to, keep);
      if (keep) await board.keep(what, to ?? null);
      const mark = names.length > 1 ? `${name} | ` : '';
      const text = set === undefined ? '' : `${mark}${JSON.stringify(set)}\n`;
      scene.result(text, {
        board: name,
        what,
        ...(set !== undefined && { setting: set }),
        kept: keep,
      });
    });

/** Returns the setting that holds now; undefined where it was left at the broker for a board that is offline. */
async function carryOut(
  { options, say }: Scene,
  board: Board,
  what: What,
  to: Setting | undefined,
  keep: boolean,
): Promise<unknown> {
  try {
    return await board.set(what, to, options);
  } catch (error) {
    if (!keep || !(error instanceof BoardOfflineError)) throw error;
    say(`${board.prefix} is offline; it takes the setting when it connects`);
    return undefined;
  }
}

export default fleetCommand({
  command: 'set [board] [what] [to]',
  describe:
    'Show or change what a board logs, how often it tells its vital signs, or when it sleeps',
  build: (yargs) =>
    yargs
      .positional('board', { type: 'string', describe: 'Board; several with commas' })
      .positional('what', { type: 'string', describe: `One of ${SETTINGS.join(', ')}` })
      .positional('to', {
        type: 'string',
        describe: 'The setting, JSON; null for what is configured; if missing it is shown',
      })
      .options({
        keep: {
          type: 'boolean',
          default: false,
          describe: 'Also for every boot to come; with null no more',
        },
      })
      .example(`$0 set esp32/test log '{"mqtt": {"*": "debug"}}'`, 'until the board restarts')
      .example(`$0 set esp32/test sysinfo '{"interval": 10}' --keep`, 'for good')
      .example(`$0 set esp32/test wake '{"every": 900, "awake": 60}' --keep`, 'sleep and wake'),
  prepare: ({ board, what, to, prefix, keep }) => {
    const isNamed = isSetting(what);
    const words = isNamed ? [what, to] : [board, what];
    const named = namedBoards({ board: isNamed ? board : undefined, prefix }, process.env);
    return change(named.length > 0 ? named : [''], wishFrom(words, keep));
  },
});
