import { text } from 'node:stream/consumers';
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import {
  type BrokerArguments,
  brokerFrom,
  brokerOptions,
  readNamed,
  usageError,
} from '../broker-options';
import { evaluate } from '../evaluate';
import { EXIT_CODES_HELP } from '../exit-codes';

interface EvalArguments extends BrokerArguments {
  source?: string | undefined;
  file?: string | undefined;
  prefix?: string | undefined;
  timeout?: string | undefined;
  json: boolean;
}

function build(yargs: Argv): Argv<EvalArguments> {
  return yargs
    .positional('source', { type: 'string', describe: 'Python: an expression, or statements' })
    .options(brokerOptions)
    .options({
      prefix: {
        type: 'string',
        requiresArg: true,
        describe: 'The board: the start of its topics, like esp32/test [MQBOARD_PREFIX]',
      },
      timeout: {
        type: 'string',
        requiresArg: true,
        describe: 'Seconds until the command is cancelled, default 10 [MQBOARD_TIMEOUT]',
      },
      file: {
        type: 'string',
        requiresArg: true,
        describe: 'Read the source from here; - is stdin',
      },
      json: { type: 'boolean', default: false, describe: 'One line of JSON instead of text' },
    })
    .example("$0 eval '45+876' --url mqtts://example.org --prefix esp32/test", 'prints 921')
    .epilog(`Names in [brackets] are read from the environment.\n\n${EXIT_CODES_HELP}`);
}

async function readSource(args: ArgumentsCamelCase<EvalArguments>): Promise<string> {
  const { file } = args;
  // Python that begins with a minus comes behind `--`, where yargs names nothing.
  const source = args.source ?? args._[1]?.toString();
  if (source !== undefined && file !== undefined) {
    throw usageError('Give the source as an argument or by --file, not both.');
  }
  if (source !== undefined) return source;
  if (file === undefined) {
    throw usageError("What shall the board run? Give Python, like '1+1', or --file.");
  }
  return file === '-' ? text(process.stdin) : readNamed(file, 'the source').toString();
}

function readTimeout(given: string | undefined): number {
  const seconds = Number(given || '10');
  if (seconds > 0 && Number.isFinite(seconds)) return seconds * 1000;
  throw usageError(`The timeout is "${given}". It is a number of seconds above 0.`);
}

/** Ctrl-C cancels on the board first; pressed again it ends this process at once. */
function interruption(): { signal: AbortSignal; release: () => void } {
  const controller = new AbortController();
  const names = ['SIGINT', 'SIGTERM'] as const;
  const abort = () => {
    release();
    controller.abort();
  };
  const release = () => names.forEach((name) => void process.off(name, abort));
  for (const name of names) process.on(name, abort);
  return { signal: controller.signal, release };
}

async function run(args: ArgumentsCamelCase<EvalArguments>): Promise<void> {
  const { env } = process;
  const options = {
    broker: brokerFrom(args, env),
    prefix: args.prefix ?? env.MQBOARD_PREFIX ?? '',
    timeoutMs: readTimeout(args.timeout ?? env.MQBOARD_TIMEOUT),
    json: args.json,
    source: await readSource(args),
  };
  const { signal, release } = interruption();
  process.exitCode = await evaluate(
    { ...options, signal },
    { out: (text) => process.stdout.write(text), err: (text) => process.stderr.write(text) },
  );
  release();
}

const command: CommandModule<object, EvalArguments> = {
  command: 'eval [source]',
  describe: 'Run Python on a board and print its value or its output',
  builder: build,
  handler: run,
};

export default command;
