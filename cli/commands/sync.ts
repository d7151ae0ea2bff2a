import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { text } from 'node:stream/consumers';
import {
  LocalFileError,
  readLocal,
  type SyncAction,
  type SyncReport,
  type SyncSource,
  syncBoard,
} from '../../core/index';
import { boardCommand } from '../board-command';
import { usageError } from '../broker-options';
import { bytes, duration } from '../words';

async function sourceFrom(source: string, target: string | undefined): Promise<SyncSource> {
  const found = source === '-' ? undefined : await stat(source).catch(() => undefined);
  if (found?.isDirectory()) return { kind: 'folder', folder: source, target: target ?? '/' };
  if (!found && source !== '-') throw new LocalFileError(`There is no file or folder ${source}.`);
  if (target !== undefined) {
    throw usageError(
      'A specification names its targets itself: leave the target out, or name a folder.',
    );
  }
  if (source === '-') {
    return { kind: 'specification', text: await text(process.stdin), folder: '.' };
  }
  const specification = (await readLocal(source)).toString();
  return { kind: 'specification', text: specification, folder: dirname(source) };
}

function asLine({ action, path, reason, note }: SyncAction): string {
  const why = [reason, note].filter((part) => part !== undefined).join(': ');
  return `${action.padEnd(6)} ${path}${why ? `  (${why})` : ''}\n`;
}

function summary(report: SyncReport): string {
  const { dryRun, put, same, made, removed, skipped, wireBytes, elapsedMs } = report;
  const size = bytes(report.bytes);
  const counts = [
    `${put} put (${dryRun ? size : `${size}, ${bytes(wireBytes)} on the wire`})`,
    `${same} the same`,
    ...(made > 0 ? [`${made} folders made`] : []),
    ...(removed > 0 ? [`${removed} removed`] : []),
    ...(skipped > 0 ? [`${skipped} left out`] : []),
  ].join(', ');
  return `${dryRun ? 'Nothing was changed; it would be: ' : ''}${counts}, in ${duration(elapsedMs / 1000)}\n`;
}

export default boardCommand({
  command: 'sync <source> [target]',
  describe: 'Bring the files of a board into step with local ones',
  build: (yargs) =>
    yargs
      .positional('source', {
        type: 'string',
        demandOption: true,
        describe: 'A folder, or a file that specifies what goes where; - is such a file from stdin',
      })
      .positional('target', {
        type: 'string',
        describe: 'Where the folder goes on the board; / if missing',
      })
      .nargs('source', 1)
      .options({
        'dry-run': {
          type: 'boolean',
          alias: 'n',
          default: false,
          describe: 'Tell what would be done, and change nothing',
        },
        delete: {
          type: 'boolean',
          default: false,
          describe: 'Remove what only the board has, below the target',
        },
        mpy: { type: 'boolean', default: false, describe: 'Send Python compiled' },
        ignore: {
          type: 'string',
          requiresArg: true,
          describe:
            'Pattern of what is left alone on both sides; repeated for more; !pattern takes back',
        },
        verbose: {
          type: 'boolean',
          alias: 'v',
          default: false,
          describe: 'Also name what is the same',
        },
      })
      .example('$0 sync lib /lib --delete', 'makes /lib what lib is'),
  prepare: async (args) => {
    const source = await sourceFrom(args.source, args.target);
    const { dryRun, delete: deletes, mpy, verbose, json } = args;
    const ignore = [args.ignore ?? []].flat();
    return async (board, { options, result, onProgress }) => {
      const onAction = (action: SyncAction) => {
        if (json || verbose || action.action !== 'same') result(asLine(action), action);
      };
      const how = { ...options, dryRun, delete: deletes, mpy, ignore, onAction, onProgress };
      const { actions: _, ...report } = await syncBoard(board, source, how);
      result(summary({ ...report, actions: [] }), { report });
    };
  },
});
