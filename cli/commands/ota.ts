import { buffer } from 'node:stream/consumers';
import { parseImageHeader, readLocal } from '../../core/index';
import { boardCommand } from '../board-command';
import { trialFrom, trialOption } from '../trial-option';
import { updating } from '../update-result';

export default boardCommand({
  command: 'ota <image>',
  describe: 'Bring MicroPython itself up to date: a firmware image, on trial as any update',
  build: (yargs) =>
    yargs
      .positional('image', {
        type: 'string',
        demandOption: true,
        describe: 'The image for OTA, a file *.app-bin; - is stdin',
      })
      .nargs('image', 1)
      .options({
        ...trialOption,
        delta: {
          type: 'boolean',
          default: true,
          describe: 'Send only blocks that the running image has not; --no-delta sends all',
        },
        'image-version': {
          type: 'string',
          requiresArg: true,
          describe: 'What it is called from then on; if missing: what the image says',
        },
      }),
  prepare: async (args) => {
    const { image, delta, imageVersion } = args;
    const wait = trialFrom(args);
    const data = await (image === '-' ? buffer(process.stdin) : readLocal(image));
    // What is no image at all is said once, and before there is a connection.
    parseImageHeader(data);
    const version = imageVersion === undefined ? {} : { version: imageVersion };
    return updating((board, options) =>
      board.flash(data, { ...options, ...wait, delta, ...version }),
    );
  },
});
