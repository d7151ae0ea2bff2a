#!/usr/bin/env node
import { InvalidInputError } from '../core/index';
import boardCommand from './commands/board';
import evalCommand from './commands/eval';
import { exitCodes } from './exit-codes';
import { packageVersion } from './package-version';

/** Reports what is wrong with the arguments, or fails loudly with what nobody expected. */
function fail(message: string | null, error: Error | undefined): void {
  if (error && !(error instanceof InvalidInputError)) throw error;
  process.stderr.write(`mqboard: ${error?.message ?? message}\nSee mqboard --help.\n`);
  process.exitCode = exitCodes.usage;
}

async function main(): Promise<void> {
  // A reader that has seen enough (`mqboard ... | head`) is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
  const { default: yargs } = await import('yargs');
  let failed = false;
  await yargs(process.argv.slice(2))
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
      if (!failed) fail(message, error);
      failed = true;
    })
    .parseAsync();
}

void main();
