import type { Board } from '../board/board';
import { InvalidInputError } from '../protocol/errors';
import { BoardFolder } from './board-folder';
import { throwIfAborted } from './cancel';
import { carryOut } from './carry-out';
import { Compiler } from './compiler';
import { Ignore } from './ignore';
import { makePlan, type Plan } from './plan';
import { prepare } from './prepare';
import { loadSource, type Wanted } from './sources';
import type { SyncAction, SyncOptions, SyncReport, SyncSource } from './types';

/**
 * Brings a board's files into step with local ones. Files are compared by their SHA-256 on the board, and each
 * changes at once or not at all; a sync that was interrupted is simply run again.
 *
 * @returns what was done, file by file.
 * @throws InvalidInputError and LocalFileError before anything is changed; what `Board` throws; AbortedError. What
 * was done by then, `onAction` has told.
 */
export async function syncBoard(
  board: Board,
  source: SyncSource,
  options: SyncOptions = {},
): Promise<SyncReport> {
  const begun = performance.now();
  const { dryRun = false, onAction } = options;
  if (options.delete && source.kind === 'specification') throw noDelete();
  const wanted = await loadSource(source, options);
  const plan = await planAll(board, wanted, options);
  if (options.delete) for (const group of wanted) checkNotEmpty(group, plan);
  const actions: SyncAction[] = [];
  const done = (action: SyncAction) => {
    actions.push(action);
    onAction?.(action);
  };
  for (const action of plan.settled) done(action);
  if (dryRun) for (const action of inOrder(plan)) done(action);
  else await carryOut(board, plan, options, done);
  const target = wanted.map((group) => group.target).join(', ');
  return report({ target, dryRun, actions, elapsedMs: performance.now() - begun });
}

/** All targets are looked at before the first one is changed. */
async function planAll(board: Board, wanted: Wanted[], options: SyncOptions): Promise<Plan> {
  const { signal, timeoutMs } = options;
  const ignore = new Ignore(options.ignore);
  const compiler = new Compiler();
  const plans: Plan[] = [];
  try {
    for (const group of wanted) {
      throwIfAborted(signal);
      const { target, recursive } = group;
      const folder = await BoardFolder.read(board, target, {
        recursive,
        ...(timeoutMs !== undefined && { timeoutMs }),
        ...(signal && { signal }),
      });
      const isOnBoard = (path: string, sha256: string) => folder.at(path)?.sha256 === sha256;
      const files = await prepare(group, board.info?.bytecode, isOnBoard, compiler, signal);
      const { prefix } = board;
      const how = { prefix, delete: options.delete ?? false, ignore };
      plans.push(makePlan(group, files, folder, how));
    }
  } finally {
    await compiler.close();
  }
  return {
    settled: plans.flatMap((plan) => plan.settled),
    inTheWay: plans.flatMap((plan) => plan.inTheWay),
    folders: plans.flatMap((plan) => plan.folders),
    puts: plans.flatMap((plan) => plan.puts),
    removals: plans.flatMap((plan) => plan.removals),
  };
}

function inOrder({ inTheWay, folders, puts, removals }: Plan): SyncAction[] {
  const put = puts.flatMap(({ action, twin }) => (twin ? [action, twin] : [action]));
  return [...inTheWay, ...folders, ...put, ...removals];
}

/** A folder that was emptied by mistake, or mistyped, must not empty a board. */
function checkNotEmpty({ target, files }: Wanted, { removals }: Plan): void {
  if (files.length > 0 || removals.length === 0) return;
  throw new InvalidInputError(
    'NOTHING_TO_SYNC',
    'nothing to sync',
    `There are no files to sync, so that delete would remove everything in ${target} on the board. ` +
      'Is it the right folder? When all of it shall go, remove the folder on the board instead.',
  );
}

function noDelete(): InvalidInputError {
  return new InvalidInputError(
    'DELETE_NOT_POSSIBLE',
    'no delete here',
    'A specification names files one by one, so that what it does not name is not known to be extra. ' +
      'Sync without delete, or sync a folder.',
  );
}

function report(done: Pick<SyncReport, 'target' | 'dryRun' | 'actions' | 'elapsedMs'>): SyncReport {
  const of = (kind: SyncAction['action']) => done.actions.filter(({ action }) => action === kind);
  const sum = (key: 'size' | 'wireBytes') =>
    of('put').reduce((all, action) => all + (action[key] ?? 0), 0);
  return {
    ...done,
    put: of('put').length,
    same: of('same').length,
    made: of('mkdir').length,
    removed: of('remove').length,
    skipped: of('skip').length,
    bytes: sum('size'),
    wireBytes: sum('wireBytes'),
  };
}
