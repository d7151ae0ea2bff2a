import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ArgumentsCamelCase, Argv, CommandModule, InferredOptionTypes } from 'yargs';
import { VirtualBoard } from '../../simulator/index';
import { brokerFrom, brokerOptions, usageError } from '../broker-options';
import { exitCodes } from '../exit-codes';

const { url, ca, user, password } = brokerOptions;

const options = {
  url,
  ca,
  user,
  password,
  prefix: {
    type: 'string',
    requiresArg: true,
    describe: 'Start of the board’s topics, like esp32/test [MQBOARD_PREFIX]',
  },
  flash: {
    type: 'string',
    requiresArg: true,
    describe: 'Folder that keeps the flash: started again with it, it is the same board',
  },
  runtime: {
    choices: ['wasm', 'unix'] as const,
    default: 'wasm',
    describe: 'wasm needs nothing else; unix needs the program micropython',
  },
  heap: {
    type: 'string',
    requiresArg: true,
    describe: 'Python heap, like 128k (unix keeps to it)',
  },
  count: {
    type: 'string',
    requiresArg: true,
    describe: 'So many boards: PREFIX-1, PREFIX-2, and so on',
  },
} as const;

type BoardArguments = InferredOptionTypes<typeof options>;

interface NamedBoard {
  prefix: string;
  board: VirtualBoard;
}

/** What was asked for, not yet switched on. */
function createBoards(args: BoardArguments): NamedBoard[] {
  const prefix = [args.prefix].flat().at(-1) ?? process.env.MQBOARD_PREFIX;
  if (!prefix || /[+#\0]|^\/|\/$/.test(prefix)) {
    throw usageError('Which board? Give --prefix, like esp32/test, without + and #.');
  }
  const count = args.count === undefined ? undefined : Number(args.count);
  if (count !== undefined && !(Number.isInteger(count) && count >= 1 && count <= 1000)) {
    throw usageError(`--count is ${args.count}. It is a number of boards, from 1 to 1000.`);
  }
  const broker = brokerFrom({ ...args, cert: undefined, key: undefined }, process.env);
  const pem = broker.tls?.ca?.toString();
  const numbers = count === undefined ? [''] : Array.from({ length: count }, (_, i) => `${i + 1}`);
  return numbers.map((number) => {
    const name = number ? `${prefix}-${number}` : prefix;
    const flash = args.flash && (number ? join(args.flash, number) : args.flash);
    if (flash && existsSync(flash)) {
      process.stderr.write(`${name}: the board of ${flash} goes on, with its own configuration\n`);
    }
    try {
      const board = new VirtualBoard({
        url: broker.url,
        prefix: name,
        runtime: args.runtime === 'unix' ? 'unix' : 'wasm',
        ...(pem !== undefined && { ca: pem }),
        ...(broker.username !== undefined && { user: broker.username }),
        ...(broker.password !== undefined && { password: broker.password.toString() }),
        ...(flash && { flash }),
        ...(args.heap !== undefined && { heap: args.heap }),
      });
      return { prefix: name, board };
    } catch (error) {
      throw usageError(sentence(error));
    }
  });
}

function sentence(error: unknown): string {
  const { message } = error as Error;
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
}

async function run(args: ArgumentsCamelCase<BoardArguments>): Promise<void> {
  const boards = createBoards(args);
  const interrupted = new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  for (const { prefix, board } of boards) {
    const margin = boards.length > 1 ? `${prefix} | ` : '';
    board.on('line', (line) => process.stdout.write(`${margin}${line}\n`));
  }
  try {
    await Promise.all(boards.map(({ board }) => board.start()));
    await interrupted;
  } catch (error) {
    process.stderr.write(`mqboard: ${sentence(error)}\n`);
    process.exitCode = exitCodes.boardFailed;
  } finally {
    await Promise.all(boards.map(({ board }) => board.stop()));
  }
}

const command: CommandModule<object, BoardArguments> = {
  command: 'board',
  describe: 'Run a virtual board: real MicroPython with the firmware, no hardware',
  builder: (yargs: Argv) => yargs.options(options).epilog('Ctrl-C cuts the power.'),
  handler: run,
};

export default command;
