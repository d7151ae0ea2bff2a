import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { readLocal } from '../../core/index';
import { boardCommand } from '../board-command';
import { usageError } from '../broker-options';
import { intoOrAs } from '../remote-path';
import type { Job } from '../run-on-boards';
import { bytes, duration } from '../words';

async function readContent(local: string): Promise<Buffer> {
  if (local === '-') return buffer(process.stdin);
  if ((await stat(local).catch(() => undefined))?.isDirectory()) {
    throw usageError(`${local} is a folder. Folders are brought over by mqboard sync.`);
  }
  return readLocal(local);
}

const put =
  (content: Buffer, name: string, remote: string, parents: boolean): Job =>
  async (board, turn) => {
    const { onProgress } = turn;
    const options = { ...turn.options, parents, onProgress };
    const result = await intoOrAs(remote, name, (path) => board.put(path, content, options));
    const { path, size, wireBytes, elapsedMs, unchanged } = result;
    const sent = unchanged
      ? 'was there already'
      : `${bytes(wireBytes)} sent in ${duration(elapsedMs / 1000)}`;
    turn.result(`${path}: ${bytes(size)}, ${sent}\n`, { action: 'put', ...result });
  };

export default boardCommand({
  command: 'put <local> [remote]',
  describe: 'Put a file on a board',
  build: (yargs) =>
    yargs
      .positional('local', {
        type: 'string',
        demandOption: true,
        describe: 'File to send; - is stdin',
      })
      .positional('remote', {
        type: 'string',
        describe: 'Its path on the board, or a folder there; / if missing',
      })
      .nargs('local', 1)
      .options({
        parents: {
          type: 'boolean',
          alias: 'p',
          default: false,
          describe: 'Make the folders on the board that are missing',
        },
      })
      .example('$0 put main.py', 'writes /main.py')
      .example('$0 put driver.py /lib/', 'writes /lib/driver.py'),
  prepare: async ({ local, remote = '/', parents }) => {
    if (local === '-' && remote.endsWith('/')) {
      throw usageError('Which file shall it be on the board? Stdin has no name: give the path.');
    }
    const name = local === '-' ? '-' : basename(local);
    return put(await readContent(local), name, remote, parents);
  },
});
