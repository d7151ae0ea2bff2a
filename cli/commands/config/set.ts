import { basename } from 'node:path';
import {
  type Board,
  boardPath,
  buildRelease,
  InvalidInputError,
  readLocal,
} from '../../../core/index';
import { Compiler } from '../../../core/sync/compiler';
import { boardCommand } from '../../board-command';
import { usageError } from '../../broker-options';
import { type Change, changedConfig, checkKey } from '../../config-change';
import { typedValue } from '../../python-literal';
import type { Turn } from '../../run-on-boards';
import { trialFrom, trialOption } from '../../trial-option';
import { updating } from '../../update-result';

interface ConfigFile {
  /** On the board. */
  path: string;
  data: Buffer;
}

/** What is told apart here: files as they are, and values that change a file of the board. */
interface Wish {
  files: ConfigFile[];
  changes: Change[];
}

async function wishFrom(words: string[], changed: string): Promise<Wish> {
  const wish: Wish = { files: [], changes: [] };
  for (const word of words) {
    const [, key, text = ''] = /^([^=/\\]+)=(.*)$/s.exec(word) ?? [];
    if (key !== undefined) {
      checkKey(key);
      wish.changes.push({ key, value: typedValue(text) });
    } else wish.files.push({ path: boardPath(basename(word)), data: await readLocal(word) });
  }
  if (wish.changes.length > 0 && wish.files.some(({ path }) => path === changed)) {
    throw usageError(`${changed} cannot be replaced and changed at the same time.`);
  }
  return wish;
}

/** The file of the board with the values changed. */
async function changeOf(
  board: Board,
  path: string,
  changes: Change[],
  options: Turn['options'],
): Promise<ConfigFile> {
  const { data } = await board.get(path, options);
  return { path, data: Buffer.from(changedConfig(`${data}`, changes)) };
}

/** A mistake that shows here needs no trial, and no restarts. */
async function checkPython(files: ConfigFile[]): Promise<void> {
  const compiler = new Compiler();
  try {
    for (const { path, data } of files.filter((file) => file.path.endsWith('.py'))) {
      const compiled = await compiler.compile(path, data.toString());
      if ('error' in compiled) {
        const words = `${path} is not Python: ${compiled.error} Nothing was sent.`;
        throw new InvalidInputError('NOT_PYTHON', 'not Python', words);
      }
    }
  } finally {
    await compiler.close();
  }
}

export default boardCommand({
  command: 'set <change..>',
  describe:
    'Change values or files of a board’s configuration; it heals by itself where that was wrong',
  build: (yargs) =>
    yargs
      .positional('change', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'NAME=VALUE or NAME.KEY=VALUE, JSON or text; or local files, like ca.pem',
      })
      .options({
        ...trialOption,
        in: {
          type: 'string',
          requiresArg: true,
          default: '/board_config.py',
          describe: 'File on the board that the values are changed in',
        },
      })
      .example('$0 config set mqtt.server=new.example.com', 'back to the old one if it is wrong')
      .example('$0 config set board_config.py ca.pem', 'replaces both at once'),
  prepare: async (args) => {
    const path = boardPath(args.in);
    const { files, changes } = await wishFrom(args.change, path);
    const wait = trialFrom(args);
    await checkPython(files);
    return updating(async (board, options) => {
      const { onProgress: _, ...quiet } = options;
      const changed = changes.length > 0 ? [await changeOf(board, path, changes, quiet)] : [];
      await checkPython(changed);
      const release = await buildRelease({
        slot: 'config',
        name: 'config',
        files: [...files, ...changed],
        to: '/',
        partial: true,
      });
      return board.deploy(release, { ...options, ...wait });
    });
  },
});
