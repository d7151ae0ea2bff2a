import type { FileStat } from '../../core/index';
import { boardCommand } from '../board-command';
import { bytes } from '../words';

function asText({ path, type, size, modified, total, free }: FileStat): string {
  const facts = [
    type,
    ...(size === undefined ? [] : [`${size} bytes`]),
    ...(modified ? [`changed ${modified.toISOString()}`] : []),
    ...(total === undefined ? [] : [`file system of ${bytes(total)}`]),
    ...(free === undefined ? [] : [`${bytes(free)} free`]),
  ];
  return `${path}: ${facts.join(', ')}\n`;
}

export default boardCommand({
  command: 'stat [path..]',
  describe: 'Tell what is at a path, how large it is, and how much room there is',
  build: (yargs) =>
    yargs.positional('path', {
      type: 'string',
      array: true,
      default: ['/'],
      describe: 'On the board',
    }),
  prepare:
    ({ path }) =>
    async (board, { options, result }) => {
      for (const one of path) {
        const found = await board.stat(one, options);
        result(asText(found), found);
      }
    },
});
