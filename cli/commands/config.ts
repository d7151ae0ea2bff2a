import type { CommandModule } from 'yargs';
import set from './config/set';

export const configCommands = [set];

const command: CommandModule = {
  command: 'config <command>',
  describe: 'Change the configuration of a board, on trial',
  builder: (yargs) =>
    yargs
      .command(configCommands as CommandModule[])
      .demandCommand(1, 'What about the configuration?'),
  handler: () => {},
};

export default command;
