#!/usr/bin/env node
import { InvalidInputError } from '../core/index';
import { usageError } from './broker-options';
import boardCommand from './commands/board';
import evalCommand from './commands/eval';
import { exitCodes } from './exit-codes';
import { packageVersion } from './package-version';

async function run(args: string[]): Promise<void> {
  const { default: yargs } = await import('yargs');
  await yargs(args)
    .scriptName('mqboard')
    .usage('$0 <command>\n\nLook after MicroPython boards over MQTT.')
    .command(evalCommand)
    .command(boardCommand)
    .demandCommand(1, 'Which command?')
    .strict()
    .locale('en')
    .version(packageVersion())
    .parserConfiguration({
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'duplicate-arguments-array': false,
      'dot-notation': false,
    })
    .exitProcess(false)
    .fail((message, error) => {
      // Without a message it is the command that failed, not its arguments.
      throw message ? usageError(message) : error;
    })
    .parseAsync();
}

/** Where the user finds what the arguments should have been. */
function helpFor([first]: string[]): string {
  const names = [evalCommand, boardCommand].map(({ command }) => `${command}`.split(' ')[0]);
  return `mqboard ${names.includes(first) ? `${first} ` : ''}--help`;
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
