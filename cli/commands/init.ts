import type { ArgumentsCamelCase, Argv, CommandModule, InferredOptionTypes } from 'yargs';
import { checkPrefix } from '../../core/index';
import { brokerFrom, brokerOptions, usageError } from '../broker-options';
import { EXIT_CODES_HELP } from '../exit-codes';
import { endByLocalFile } from '../failure';
import { type FirstFiles, writeFirstFiles } from '../first-files';

const { url, ca, user, password } = brokerOptions;

const options = {
  url,
  ca,
  user: { ...user, describe: 'User name that the board has at the broker [MQBOARD_USER]' },
  password: { ...password, describe: 'Its password; better by [MQBOARD_PASSWORD]' },
  prefix: {
    type: 'string',
    requiresArg: true,
    describe: 'What the board will be: the start of its topics, like esp32/shed [MQBOARD_PREFIX]',
  },
  wifi: { type: 'string', requiresArg: true, describe: 'Name of the Wi-Fi network' },
  'wifi-password': {
    type: 'string',
    requiresArg: true,
    describe: 'Its password; other users can see it here, so better by [MQBOARD_WIFI_PASSWORD]',
  },
  kind: {
    type: 'string',
    requiresArg: true,
    describe: 'Which board it is, for its LEDs: see docs/firmware.md',
  },
  mpy: {
    type: 'boolean',
    default: true,
    describe: 'The framework compiled, which takes less room and memory; --no-mpy: as source',
  },
  force: {
    type: 'boolean',
    default: false,
    describe: 'Replace a configuration that is in the folder already',
  },
  json: { type: 'boolean', default: false, describe: 'A line of JSON instead of text' },
} as const;

type InitArguments = InferredOptionTypes<typeof options> & { folder?: string | undefined };

async function run(args: ArgumentsCamelCase<InitArguments>): Promise<void> {
  const prefix = [args.prefix].flat().at(-1) ?? process.env.MQBOARD_PREFIX ?? '';
  if (prefix === '')
    throw usageError('What is the board to be called? Give --prefix, like esp32/shed.');
  checkPrefix(prefix);
  const folder = args.folder ?? prefix.slice(prefix.lastIndexOf('/') + 1);
  const broker = brokerFrom({ ...args, cert: undefined, key: undefined }, process.env);
  const wifiPassword = args.wifiPassword ?? process.env.MQBOARD_WIFI_PASSWORD;
  const config = { prefix, broker, wifi: args.wifi, wifiPassword, kind: args.kind };
  try {
    const written = await writeFirstFiles(folder, config, args);
    const made: Made = { folder, ...written, commands: commandsFor(written.files) };
    const text = args.json ? `${JSON.stringify({ ok: true, ...made })}\n` : inWords(made, prefix);
    process.stdout.write(text);
  } catch (error) {
    endByLocalFile(error, args.json);
  }
}

interface Made extends FirstFiles {
  folder: string;
  /** To be run in the folder. */
  commands: string[];
}

/** main.py goes last: the board then never starts with half of the rest. */
function commandsFor(files: string[]): string[] {
  const atTheRoot = files.filter((name) => !name.includes('/') && name !== 'main.py');
  return [
    'mpremote mkdir :lib',
    'mpremote cp -r lib/. :lib/',
    `mpremote cp ${atTheRoot.join(' ')} :`,
    'mpremote cp main.py :',
    'mpremote reset',
  ];
}

function inWords({ folder, files, kept, missing, commands }: Made, prefix: string): string {
  const unchanged = kept.length > 0 ? `; left as they were: ${kept.join(', ')}` : '';
  const todo = missing.map((what) => `Missing: ${what}.\n`).join('');
  const steps = [`cd ${shellWord(folder)}`, ...commands].map((line) => `  ${line}\n`).join('');
  return (
    `${folder} holds the ${files.length} files of ${prefix}${unchanged}.\n${todo}\n` +
    `Plug the board in, with MicroPython on it (micropython.org/download), and load them:\n\n${steps}\n` +
    `Without mpremote: pip install mpremote. From then on everything goes over MQTT:\n\n` +
    `  mqboard info ${shellWord(prefix)}\n`
  );
}

function shellWord(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

const command: CommandModule<object, InitArguments> = {
  command: 'init [folder]',
  describe: 'Make the first set of files of a board, to be loaded by mpremote',
  builder: (yargs: Argv) =>
    yargs
      .positional('folder', {
        type: 'string',
        describe: 'Where to; if missing, a folder named as the board',
      })
      .options(options)
      .example('$0 init shed --prefix esp32/shed --url mqtts://example.org --ca ca.pem', '')
      .epilog(`Names in [brackets] are read from the environment.\n\n${EXIT_CODES_HELP}`),
  handler: run,
};

export default command;
