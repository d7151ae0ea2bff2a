import assert from 'node:assert/strict';
import { readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type SyncOptions, type SyncReport, syncBoard } from '../../core/index';
import { isProtected } from '../../core/sync/protected';
import { errorOf, Workbench } from './support';
import { localFolder, MapBoard } from './sync-support';

const removed = ({ actions }: SyncReport) =>
  actions
    .filter(({ action }) => action === 'remove')
    .map(({ path, reason }) => `${path} ${reason}`);
const stays = ({ actions }: SyncReport) =>
  actions.filter(({ action }) => action === 'skip').map(({ path, reason }) => `${path} ${reason}`);

describe('A sync with delete', () => {
  const bench = new Workbench();
  afterEach(() => bench.clear());

  const local = (files: Parameters<typeof localFolder>[0]) =>
    bench.keep(localFolder(files), ({ remove }) => remove()).path;

  const sync = (board: MapBoard, folder: string, options: SyncOptions = {}, target = '/') =>
    syncBoard(board.asBoard(), { kind: 'folder', folder, target }, { delete: true, ...options });

  it('removes files and folders that only the board has, below the target and nowhere else', async () => {
    const board = new MapBoard({
      ...{ '/app/a.txt': 'a', '/app/old.txt': '', '/app/dir/x': '', '/app/dir/deep/y': '' },
      ...{ '/app/empty/': '', '/app.txt': '', '/apple/z': '' },
    });
    const report = await sync(board, local({ 'a.txt': 'a' }), {}, '/app');
    assert.deepEqual(removed(report), [
      '/app/old.txt extra',
      '/app/empty extra',
      '/app/dir/x extra',
      '/app/dir/deep/y extra',
      '/app/dir/deep extra',
      '/app/dir extra',
    ]);
    assert.deepEqual(Object.keys(board.contents), ['/app.txt', '/app/a.txt', '/apple/z']);
  });

  it('removes after everything is put', async () => {
    const board = new MapBoard({ '/t/old': '' });
    await sync(board, local({ new: 'n', 'sub/new': 'n' }), {}, '/t');
    assert.deepEqual(board.changes, [
      'mkdir /t/sub',
      'put /t/new',
      'put /t/sub/new',
      'remove /t/old',
    ]);
  });

  it('removes earlier only where the flash is full, and then puts what had no room', async () => {
    const board = new MapBoard({ '/t/old': 'x'.repeat(80) }, { room: 100 });
    const report = await sync(board, local({ a: 'a'.repeat(15), b: 'b'.repeat(50) }), {}, '/t');
    assert.deepEqual(board.changes, ['put /t/a', 'remove /t/old', 'put /t/b']);
    assert.equal(report.put, 2);
  });

  it('fails when the flash is full and nothing can go', async () => {
    const board = new MapBoard({}, { room: 10 });
    const error = await errorOf(sync(board, local({ a: 'a'.repeat(15) }), {}, '/t'));
    assert.equal(error.code, 'FILE_FULL');
  });

  it('refuses when there is nothing to sync, instead of emptying the board', async () => {
    const board = new MapBoard({ '/t/a': '1' });
    for (const options of [{}, { dryRun: true }]) {
      const error = await errorOf(sync(board, local({ sub: null }), options, '/t'));
      assert.equal(error.code, 'NOTHING_TO_SYNC');
    }
    assert.deepEqual(board.changes, []);
    assert.equal((await sync(board, local({ 'x.pyc': '' }), {}, '/none')).removed, 0);
  });

  it('never removes what the board needs to come back, and names the pattern that would', async () => {
    const life = ['/boot.py', '/ca.pem', '/lib/mqrepl/v2.py', '/lib/mqtt.mpy', '/main.py'];
    const files = Object.fromEntries(
      [...life, '/lib/mine.py', '/safemode/main.py'].map((path) => [path, '']),
    );
    const board = new MapBoard(files);
    const report = await sync(board, local({ 'a.txt': 'a' }));
    assert.deepEqual(Object.keys(board.contents), ['/a.txt', ...life, '/safemode/main.py']);
    assert.deepEqual(stays(report), [
      '/boot.py protected',
      '/ca.pem protected',
      '/lib/mqrepl protected',
      '/lib/mqtt.mpy protected',
      '/main.py protected',
      '/safemode protected',
    ]);
    const note = report.actions.find(({ path }) => path === '/lib/mqrepl')?.note;
    assert.match(note ?? '', /ignore "!\/lib\/mqrepl"/);
    const options = { ignore: ['!/lib/mqrepl', '!main.py'] };
    const freed = await sync(board, local({ 'a.txt': 'a' }), options);
    assert.deepEqual(removed(freed), [
      '/main.py extra',
      '/lib/mqrepl/v2.py extra',
      '/lib/mqrepl extra',
    ]);
  });

  it('protects everything that the firmware in this package consists of', () => {
    const firmware = join(__dirname, '../../firmware');
    const names = readdirSync(firmware).filter((name) => name.endsWith('.py'));
    const modules = readdirSync(join(firmware, 'lib')).map((name) => `lib/${name}`);
    const paths = [...names, ...modules].map((name) => `/${name}`);
    assert.ok(paths.length > 10);
    assert.deepEqual(
      paths.filter((path) => !isProtected(path)),
      [],
    );
    assert.equal(isProtected('/lib/mqttx.py'), false);
    assert.equal(isProtected('/app/main.py'), false);
  });

  it('leaves alone what is ignored, on both sides, with what is in it', async () => {
    const board = new MapBoard({
      ...{
        '/t/data/log.csv': 'l',
        '/t/x.bak': '',
        '/t/sub/y.bak': '',
        '/t/sub/z': '',
        '/t/top': '',
      },
      '/t/sub/top': '',
    });
    const folder = local({
      'keep.txt': 'k',
      'data/other.csv': 'o',
      'n.bak': '',
      '__pycache__/a.pyc': '',
    });
    const report = await sync(board, folder, { ignore: ['data/', '*.bak', '/top'] }, '/t');
    assert.deepEqual(removed(report), ['/t/sub/z extra', '/t/sub/top extra']);
    assert.deepEqual(stays(report), [
      '/t/__pycache__ ignored',
      '/t/data ignored',
      '/t/n.bak ignored',
      '/t/sub/y.bak ignored',
      '/t/top ignored',
      '/t/x.bak ignored',
    ]);
    assert.equal(report.put, 1);
  });

  it('replaces a file by a folder and a folder by a file, which a sync without refuses', async () => {
    const files = { '/t/a': 'file', '/t/b/c': 'in a folder' };
    const folder = local({ 'a/x': 'x', b: 'b' });
    const board = new MapBoard(files);
    const error = await errorOf(sync(board, folder, { delete: false }, '/t'));
    assert.match(`${error.code}`, /^FILE_(FILE|FOLDER)$/);
    assert.deepEqual(board.changes, []);
    const report = await sync(board, folder, {}, '/t');
    assert.deepEqual(removed(report).sort(), ['/t/a in the way', '/t/b in the way']);
    assert.deepEqual(board.contents, { '/t/a/x': 'x', '/t/b': 'b' });
  });

  it('does not empty a folder that is in the way of a file when something in it must stay', async () => {
    const board = new MapBoard({ '/t/b/c.keep': '1' });
    const options = { ignore: ['*.keep'] };
    const error = await errorOf(sync(board, local({ b: 'b' }), options, '/t'));
    assert.equal(error.code, 'FILE_FOLDER');
    assert.deepEqual(board.changes, []);
  });

  it('does not touch what the firmware hides', async () => {
    const board = new MapBoard({ '/.mqb-0123abcd': 'half a file', '/a': '1' });
    assert.deepEqual(removed(await sync(board, local({ b: 'b' }))), ['/a extra']);
  });

  it('keeps what has a local entry that was left out, like a link', async () => {
    const board = new MapBoard({ '/t/a': '1', '/t/dir/x': '2' });
    const folder = local({ b: 'b' });
    symlinkSync('/etc/hostname', join(folder, 'a'));
    symlinkSync('/etc', join(folder, 'dir'));
    assert.deepEqual(removed(await sync(board, folder, {}, '/t')), []);
  });
});
