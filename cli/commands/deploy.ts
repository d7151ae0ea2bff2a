import { boardCommand } from '../board-command';
import { frameworkAsOn, releaseFrom, withReleaseOptions } from '../release-options';
import { trialFrom, trialOption } from '../trial-option';
import { updating } from '../update-result';

export default boardCommand({
  command: 'deploy [source]',
  describe: 'Bring a release to a board, on trial until the board itself confirms it',
  build: (yargs) =>
    withReleaseOptions(yargs)
      .options(trialOption)
      .example('$0 deploy app --release-version 1.2.0', 'makes /src what app is')
      .example('$0 deploy --framework', 'brings the framework up to date'),
  prepare: async (args) => {
    const wait = trialFrom(args);
    const release = await releaseFrom(args);
    const isAsOnBoard = args.framework && args.mpy === undefined;
    return updating(async (board, options) => {
      const { onProgress: _, ...quiet } = options;
      const meant = isAsOnBoard ? await frameworkAsOn(board, quiet) : release;
      return board.deploy(meant, { ...options, ...wait });
    });
  },
});
