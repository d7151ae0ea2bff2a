import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  readLocalFile,
  type SyncAction,
  type SyncOptions,
  type SyncReport,
  syncBoard,
} from '../../core/index';
import { errorOf, Workbench } from './support';
import { localFolder, MapBoard } from './sync-support';

const said = ({ actions }: SyncReport) =>
  actions.map(({ action, path, reason }) => [action, path, reason].filter(Boolean).join(' '));

describe('A sync of a folder', () => {
  const bench = new Workbench();
  afterEach(() => bench.clear());

  const local = (files: Parameters<typeof localFolder>[0]) =>
    bench.keep(localFolder(files), ({ remove }) => remove()).path;

  const sync = (board: MapBoard, folder: string, options: SyncOptions = {}, target = '/') =>
    syncBoard(board.asBoard(), { kind: 'folder', folder, target }, options);

  it('puts what is missing and what differs, makes folders, and leaves the rest', async () => {
    const folder = local({ 'a.py': '1', 'lib/b.py': '2', 'same.txt': '3', empty: null });
    const board = new MapBoard({ '/lib/b.py': 'old', '/same.txt': '3', '/only.txt': '4' });
    const report = await sync(board, folder);
    assert.deepEqual(board.contents, {
      '/a.py': '1',
      '/lib/b.py': '2',
      '/only.txt': '4',
      '/same.txt': '3',
    });
    assert.deepEqual(said(report), [
      'same /same.txt',
      'mkdir /empty missing',
      'put /a.py missing',
      'put /lib/b.py differs',
    ]);
    const { put, same, made, removed, skipped, bytes, wireBytes, target, dryRun } = report;
    assert.deepEqual(
      { put, same, made, removed, skipped, bytes, wireBytes, target, dryRun },
      {
        ...{ put: 2, same: 1, made: 1, removed: 0, skipped: 0, bytes: 2, wireBytes: 2 },
        ...{ target: '/', dryRun: false },
      },
    );
  });

  it('finds everything the same the second time', async () => {
    const folder = local({
      'a.py': 'x = 1',
      'boot.py': '',
      'bad.py': 'x = = 1',
      'lib/c.py': 'y = 2',
    });
    const board = new MapBoard();
    await sync(board, folder, { mpy: true }, '/app/one');
    const again = await sync(board, folder, { mpy: true, delete: true }, '/app/one');
    assert.deepEqual(said(again), [
      'same /app/one/a.mpy',
      'same /app/one/bad.py',
      'same /app/one/boot.mpy',
      'same /app/one/lib/c.mpy',
    ]);
  });

  it('changes nothing in a dry run, and tells the same', async () => {
    const folder = local({ 'a.py': '1', 'b/c.py': '2' });
    const files = { '/t/extra': 'x', '/t/a.mpy': 'old' };
    const board = new MapBoard(files);
    const dry = await sync(board, folder, { dryRun: true, delete: true }, '/t');
    assert.deepEqual(board.contents, new MapBoard(files).contents);
    const told: SyncAction[] = [];
    const onAction = (action: SyncAction) => told.push(action);
    const wet = await sync(board, folder, { delete: true, onAction }, '/t');
    assert.deepEqual(said(dry).sort(), said(wet).sort());
    assert.deepEqual(told, wet.actions);
  });

  it('never has more than two puts under way', async () => {
    const names = Array.from({ length: 9 }, (_, i) => [`f${i}`, `${i}`]);
    const board = new MapBoard();
    await sync(board, local(Object.fromEntries(names)));
    assert.equal(board.mostAtOnce, 2);
  });

  it('does not follow a link out of the folder, nor in circles, and says so', async () => {
    const outside = local({ 'secret.txt': 's' });
    const folder = local({ 'a.txt': 'a', 'sub/b.txt': 'b' });
    symlinkSync(join(outside, 'secret.txt'), join(folder, 'out'));
    symlinkSync(outside, join(folder, 'outdir'));
    symlinkSync('..', join(folder, 'sub', 'up'));
    symlinkSync('nowhere', join(folder, 'dangling'));
    symlinkSync('a.txt', join(folder, 'inside'));
    const board = new MapBoard();
    const report = await sync(board, folder);
    assert.deepEqual(board.contents, { '/a.txt': 'a', '/inside': 'a', '/sub/b.txt': 'b' });
    assert.deepEqual(
      report.actions
        .filter(({ action }) => action === 'skip')
        .map(({ path, note }) => [path, note]),
      [
        ['/dangling', 'a symbolic link that leads nowhere'],
        ['/out', 'a symbolic link that leads out of the folder'],
        ['/outdir', 'a symbolic link that leads out of the folder'],
        ['/sub/up', 'a symbolic link that leads in a circle'],
      ],
    );
  });

  it('leaves out what is no file, what it cannot name, and what a board keeps for itself', async function () {
    if (process.platform !== 'linux') this.skip();
    const folder = local({ a: '1', '.mqb-own': '2' });
    const notUtf8 = Buffer.concat([Buffer.from(join(folder, 'b')), Buffer.from([0xff])]);
    writeFileSync(notUtf8, '3');
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    const board = new MapBoard();
    const { skipped, put } = await sync(board, folder);
    assert.deepEqual([put, skipped, board.contents], [1, 3, { '/a': '1' }]);
  });

  it('reads no pipe in the place of a file', async function () {
    if (process.platform === 'win32') this.skip();
    const pipe = join(local({}), 'pipe');
    execFileSync('mkfifo', [pipe]);
    const { message } = await errorOf(readLocalFile(pipe));
    assert.match(message, /is a pipe, a socket or a device/);
  });

  it('says it when the folder is missing', async () => {
    const error = await errorOf(sync(new MapBoard(), '/no/such/folder'));
    assert.equal(error.code, 'LOCAL_FILE');
    assert.match(error.message, /no\/such\/folder/);
  });

  it('waits for a board that is away, and not for longer than it was told to', async () => {
    const folder = local({ 'sub/a.txt': 'a' });
    const back = new MapBoard({}, { awayFor: 2 });
    await sync(back, folder);
    assert.deepEqual(back.changes, ['mkdir /sub', 'put /sub/a.txt']);
    const gone = new MapBoard({}, { awayFor: 1000 });
    const error = await errorOf(sync(gone, folder, { timeoutMs: 300 }));
    assert.equal(error.code, 'NOT_CONNECTED');
  });

  it('stops at the first file that fails, and throws that error', async () => {
    const names = Array.from({ length: 9 }, (_, i) => [`f${i}`, 'x'.repeat(i === 3 ? 500 : 1)]);
    const board = new MapBoard({}, { room: 100 });
    const error = await errorOf(sync(board, local(Object.fromEntries(names))));
    assert.equal(error.code, 'FILE_FULL');
    assert.deepEqual(Object.keys(board.contents), ['/f0', '/f1', '/f2']);
  });

  it('does nothing more once it is cancelled', async () => {
    const controller = new AbortController();
    const board = new MapBoard({ '/t/extra': '' });
    const onAction = ({ action }: SyncAction) => action === 'put' && controller.abort();
    const options = { delete: true, signal: controller.signal, onAction };
    const error = await errorOf(sync(board, local({ only: '1' }), options, '/t'));
    assert.equal(error.code, 'ABORTED');
    assert.deepEqual(board.changes, ['put /t/only']);
  });
});

describe('A sync of a list', () => {
  it('changes nothing where one name would be a file and a folder', async () => {
    for (const paths of [
      ['a', 'a/b'],
      ['x/y/z', 'x'],
    ]) {
      const board = new MapBoard({ '/a': 'old', '/x': 'old' });
      const files = paths.map((path) => ({ path, content: 'new' }));
      const list = { kind: 'list', target: '/', files } as const;
      const error = await errorOf(syncBoard(board.asBoard(), list, { delete: true }));
      assert.equal(error.code, 'SAME_PLACE');
      assert.deepEqual(board.changes, []);
    }
  });
});
