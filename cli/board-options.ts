import type { Argv } from 'yargs';
import type { ConnectionOptions } from '../core/index';
import {
  type BrokerArguments,
  brokerFrom,
  brokerOptions,
  type Environment,
  usageError,
} from './broker-options';
import { EXIT_CODES_HELP } from './exit-codes';

/** How boards are named: some commands take them as arguments, all by --prefix. */
interface NamingArguments {
  board?: string | string[] | undefined;
  prefix?: string | string[] | undefined;
}

/** What every command that talks to boards takes. */
export interface BoardArguments extends BrokerArguments {
  prefix?: string | string[] | undefined;
  timeout?: string | undefined;
  json: boolean;
}

export function withBoardOptions<T>(yargs: Argv<T>): Argv<T & BoardArguments> {
  return yargs
    .options(brokerOptions)
    .options({
      prefix: {
        type: 'string',
        requiresArg: true,
        describe:
          'The board: the start of its topics, like esp32/test; several with commas, or repeated [MQBOARD_PREFIX]',
      },
      timeout: {
        type: 'string',
        requiresArg: true,
        describe:
          'Seconds until it is given up, default 10; put, get, cat, sync: without progress, ls: without a sign of life, default 60 [MQBOARD_TIMEOUT]',
      },
      json: { type: 'boolean', default: false, describe: 'Lines of JSON instead of text' },
    } as const)
    .epilog(`Names in [brackets] are read from the environment.\n\n${EXIT_CODES_HELP}`) as Argv<
    T & BoardArguments
  >;
}

/** Which boards, and how to reach them. */
export interface Reach {
  broker: ConnectionOptions;
  /** One at least, each once. Whether they can be prefixes is found out later. */
  prefixes: string[];
  /** Undefined: what is usual for the command. */
  timeoutMs: number | undefined;
  json: boolean;
}

/** The boards that `args` name; without any, those of the environment. */
export function namedBoards(args: NamingArguments, env: Environment): string[] {
  const positional = [args.board ?? []].flat();
  const given =
    positional.length > 0 ? positional : [args.prefix ?? env.MQBOARD_PREFIX ?? ''].flat();
  const prefixes = given.flatMap((text) => text.split(',')).map((prefix) => prefix.trim());
  return [...new Set(prefixes)].filter((prefix) => prefix !== '');
}

/** @throws InvalidInputError */
export function reachFrom(args: BoardArguments & NamingArguments, env: Environment): Reach {
  const named = namedBoards(args, env);
  return {
    broker: brokerFrom(args, env),
    prefixes: named.length > 0 ? named : [''],
    timeoutMs: readTimeout(args.timeout ?? env.MQBOARD_TIMEOUT),
    json: args.json,
  };
}

function readTimeout(given: string | undefined): number | undefined {
  if (given === undefined || given === '') return undefined;
  const seconds = Number(given);
  if (seconds > 0 && Number.isFinite(seconds)) return seconds * 1000;
  throw usageError(`The timeout is "${given}". It is a number of seconds above 0.`);
}
