import type { CommandModule } from 'yargs';
import build from './release/build';
import confirm from './release/confirm';
import list from './release/list';
import rollback from './release/rollback';

export const releaseCommands = [build, list, rollback, confirm];

const command: CommandModule = {
  command: 'release <command>',
  describe: 'Build a release; list, roll back or confirm those of a board',
  builder: (yargs) =>
    yargs.command(releaseCommands as CommandModule[]).demandCommand(1, 'What about releases?'),
  handler: () => {},
};

export default command;
