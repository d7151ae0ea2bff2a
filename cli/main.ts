#!/usr/bin/env node
import type { CommandModule } from 'yargs';
import { InvalidInputError } from '../core/index';
import { usageError } from './broker-options';
import board from './commands/board';
import boards from './commands/boards';
import cat from './commands/cat';
import config, { configCommands } from './commands/config';
import crashes from './commands/crashes';
import deploy from './commands/deploy';
import evaluate from './commands/eval';
import get from './commands/get';
import info from './commands/info';
import init from './commands/init';
import ls from './commands/ls';
import mkdir from './commands/mkdir';
import mv from './commands/mv';
import ota from './commands/ota';
import put from './commands/put';
import release, { releaseCommands } from './commands/release';
import reset from './commands/reset';
import rm from './commands/rm';
import rmdir from './commands/rmdir';
import set from './commands/set';
import stat from './commands/stat';
import sync from './commands/sync';
import view from './commands/view';
import { exitCodes } from './exit-codes';
import { packageVersion } from './package-version';

const commands = [
  ...[evaluate, ls, get, put, cat, stat, mkdir, rm, rmdir, mv, sync],
  ...[deploy, release, config, ota, reset],
  ...[view, boards, info, crashes, set, init, board],
];

/** The options that may be given more than once; of all others the last one counts. */
const REPEATABLE = ['_', '--', 'prefix', 'board', 'ignore', 'path', 'remote', 'needs', 'change'];

function keepLast(args: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(args)) {
    if (Array.isArray(value) && !REPEATABLE.includes(name)) args[name] = value.at(-1);
  }
}

async function run(args: string[]): Promise<void> {
  const { default: yargs } = await import('yargs');
  await yargs(args)
    .scriptName('mqboard')
    .usage('$0 <command>\n\nLook after MicroPython boards over MQTT.')
    .command(commands as CommandModule[])
    .middleware(keepLast, true)
    .demandCommand(1, 'Which command?')
    .strict()
    .locale('en')
    .version(packageVersion())
    .parserConfiguration({
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'dot-notation': false,
    })
    .exitProcess(false)
    .fail((message, error) => {
      // Without a message it is the command that failed, not its arguments.
      throw message ? usageError(asSentence(message, args)) : error;
    })
    .parseAsync();
}

/** The commands as their help writes them, those in two words as such. */
const WRITTEN = [
  ...commands.map(({ command }) => `${command}`),
  ...releaseCommands.map(({ command }) => `release ${command}`),
  ...configCommands.map(({ command }) => `config ${command}`),
];

const NAMES = WRITTEN.map((written) => written.split(/ [<[]/)[0] ?? '');

/** The command that the arguments begin with: its name, and how it is written. */
function commandOf(args: string[]): { name: string; written: string } | undefined {
  for (const name of [args.slice(0, 2).join(' '), args[0] ?? '']) {
    const written = WRITTEN[NAMES.indexOf(name)];
    if (written !== undefined) return { name, written };
  }
  return undefined;
}

/** What yargs says of wrong arguments, in the words of the help where its own are its author's. */
function asSentence(message: string, args: string[]): string {
  const [first = ''] = args;
  const command = commandOf(args);
  if (!command && /^Unknown argument/.test(message) && !first.startsWith('-')) {
    return `There is no command ${first}.`;
  }
  const isShort = command !== undefined && /^Not enough non-option arguments/.test(message);
  return isShort ? `An argument is missing. It is written: mqboard ${command.written}` : message;
}

/** Where the user finds what the arguments should have been. */
function helpFor(args: string[]): string {
  const name = commandOf(args)?.name;
  return `mqboard ${name === undefined ? '' : `${name} `}--help`;
}

async function main(): Promise<void> {
  // A reader that has seen enough (`mqboard ... | head`) is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
  const args = process.argv.slice(2);
  try {
    await run(args);
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    process.stderr.write(`mqboard: ${error.message}\nSee ${helpFor(args)}.\n`);
    process.exitCode = exitCodes.usage;
  }
}

void main();
