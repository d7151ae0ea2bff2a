import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { type BoardArguments, type Reach, reachFrom, withBoardOptions } from './board-options';
import { endByLocalFile } from './failure';
import { interruption } from './interruption';
import type { Output } from './output';
import { type Job, runOnBoards } from './run-on-boards';

interface Definition<T> {
  /** As yargs has it: the name and the positional arguments. */
  command: string;
  describe: string;
  build: (yargs: Argv) => Argv<T>;
  /** Looks at the arguments and reads what is local, once however many boards there are. */
  prepare: (args: ArgumentsCamelCase<T & BoardArguments>, reach: Reach) => Promise<Job> | Job;
}

const output: Output = {
  out: (data) => process.stdout.write(data),
  err: (text) => process.stderr.write(text),
};

/** A command that does one thing on each of the boards that are named. */
export function boardCommand<T>(
  definition: Definition<T>,
): CommandModule<object, T & BoardArguments> {
  const { command, describe, build, prepare } = definition;
  return {
    command,
    describe,
    builder: (yargs: Argv) => withBoardOptions(build(yargs)),
    handler: async (args) => {
      const reach = reachFrom(args, process.env);
      let job: Job;
      try {
        job = await prepare(args, reach);
      } catch (error) {
        return endByLocalFile(error, reach.json);
      }
      const { signal, release } = interruption();
      process.exitCode = await runOnBoards(reach, job, signal, output);
      release();
    },
  };
}
