import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type GetResult, getToFile } from '../../core/index';
import { boardCommand } from '../board-command';
import { usageError } from '../broker-options';
import { nameOf } from '../remote-path';
import type { Job } from '../run-on-boards';
import { StreamSink } from '../stream-sink';
import { bytes, duration } from '../words';

const PLACEHOLDER = '{prefix}';

/** The local file, when `local` may be a folder for it. */
async function fileFor(local: string, name: string): Promise<string> {
  if (local.endsWith('/')) return join(local, name);
  const isFolder = (await stat(local).catch(() => undefined))?.isDirectory();
  return isFolder ? join(local, name) : local;
}

/** Prints a file of the board, byte by byte. */
export const print =
  (remote: string): Job =>
  async (board, { options, write, onProgress }) => {
    await board.get(remote, { ...options, onProgress, into: new StreamSink(write) });
  };

const get =
  (remote: string, local: string): Job =>
  async (board, turn) => {
    const { onProgress } = turn;
    const place = local.replaceAll(PLACEHOLDER, board.prefix);
    const file = await fileFor(place, nameOf(remote));
    // Folders that the user has not written out cannot be a slip of the pen.
    const parents = place !== local;
    const options = { ...turn.options, parents, onProgress };
    const { data: _, ...result } = await getToFile(board, remote, file, options);
    turn.result(text(file, result), { action: 'get', ...result, file });
  };

function text(file: string, { size, resumedAt, elapsedMs }: Omit<GetResult, 'data'>): string {
  const before = resumedAt > 0 ? `, ${bytes(resumedAt)} were here already` : '';
  return `${file}: ${bytes(size)} in ${duration(elapsedMs / 1000)}${before}\n`;
}

export default boardCommand({
  command: 'get <remote> [local]',
  describe: 'Get a file from a board',
  build: (yargs) =>
    yargs
      .positional('remote', { type: 'string', demandOption: true, describe: 'Path on the board' })
      .positional('local', {
        type: 'string',
        describe: `File or folder here, this folder if missing; ${PLACEHOLDER} becomes the board’s; - is stdout`,
      })
      .nargs('local', 1)
      .example('$0 get /main.py', 'writes main.py')
      .example(
        "$0 get /log.txt 'logs/{prefix}/' --prefix a,b",
        'writes logs/a/log.txt, logs/b/log.txt',
      ),
  prepare: ({ remote, local = './', json }, { prefixes }) => {
    if (local === '-') {
      if (!json) return print(remote);
      throw usageError(
        'With --json the results go to stdout: get into a file, or leave --json out.',
      );
    }
    if (prefixes.length > 1 && !local.includes(PLACEHOLDER)) {
      const hint = `Write where its prefix shall stand, like '${PLACEHOLDER}/'.`;
      throw usageError(`Several boards would write the same file. ${hint}`);
    }
    return get(remote, local);
  },
});
