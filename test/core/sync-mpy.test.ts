import assert from 'node:assert/strict';
import type { Worker } from 'node:worker_threads';
import { type SyncOptions, type SyncReport, syncBoard } from '../../core/index';
import { Compiler } from '../../core/sync/compiler';
import { Workbench } from './support';
import { localFolder, MapBoard } from './sync-support';

const said = ({ actions }: SyncReport) =>
  actions.map(({ action, path, reason }) => [action, path, reason].filter(Boolean).join(' '));

describe('A sync that compiles', () => {
  const bench = new Workbench();
  afterEach(() => bench.clear());

  const sync = (board: MapBoard, files: Record<string, string>, options: SyncOptions = {}) => {
    const folder = bench.keep(localFolder(files), ({ remove }) => remove()).path;
    const source = { kind: 'folder', folder, target: '/' } as const;
    return syncBoard(board.asBoard(), source, { mpy: true, ...options });
  };

  it('sends .mpy for .py, but for boot.py and main.py at the root', async () => {
    const board = new MapBoard();
    const source = {
      'boot.py': '1',
      'main.py': '2',
      'lib/main.py': '3',
      'a.py': '4',
      'b.txt': '5',
    };
    await sync(board, source);
    assert.deepEqual(Object.keys(board.contents), [
      '/a.mpy',
      '/b.txt',
      '/boot.py',
      '/lib/main.mpy',
      '/main.py',
    ]);
    assert.equal(board.contents['/a.mpy']?.slice(0, 2), 'M\u0006');
  });

  it('names the file in tracebacks as the board would name the source', async () => {
    const board = new MapBoard();
    await sync(board, { 'lib/a.py': 'x = 1' });
    assert.match(board.contents['/lib/a.mpy'] ?? '', /\/lib\/a\.py/);
  });

  it('removes the twin that would be imported instead, without delete, and after the put', async () => {
    const board = new MapBoard({ '/a.py': 'old', '/other.py': '' });
    const report = await sync(board, { 'a.py': 'x = 1' });
    assert.deepEqual(said(report), ['put /a.mpy missing', 'remove /a.py twin']);
    assert.deepEqual(board.changes, ['put /a.mpy', 'remove /a.py']);
    const back = await sync(board, { 'a.py': 'x = 1' }, { mpy: false });
    assert.deepEqual(said(back), ['put /a.py missing', 'remove /a.mpy twin']);
  });

  it('removes a twin that an interrupted sync has left', async () => {
    const board = new MapBoard();
    await sync(board, { 'a.py': 'x = 1' });
    board.files.set('/a.py', Buffer.from('old'));
    assert.deepEqual(said(await sync(board, { 'a.py': 'x = 1' })), [
      'same /a.mpy',
      'remove /a.py twin',
    ]);
  });

  it('keeps both where both are meant, or where the twin is ignored', async () => {
    const board = new MapBoard({ '/a.mpy': 'old', '/b.mpy': 'old' });
    const files = { 'a.py': 'x', 'a.mpy': 'y', 'b.py': 'z' };
    const report = await sync(board, files, { mpy: false, ignore: ['b.mpy'] });
    assert.equal(report.removed, 0);
  });

  it('sends the source, with a note, where it is not Python', async () => {
    const board = new MapBoard({ '/bad.mpy': 'old' });
    const report = await sync(board, { 'bad.py': 'ok = 1\nx = = 1\n' });
    assert.deepEqual(said(report), ['put /bad.py missing', 'remove /bad.mpy twin']);
    const { note } = report.actions[0] ?? {};
    assert.equal(note, 'not compiled: SyntaxError: invalid syntax, line 2');
  });

  it('sends the source, with a note, to a board that loads other bytecode or none', async () => {
    for (const [bytecode, words] of [
      [undefined, /does not say that it loads/],
      [5, /loads \.mpy 5/],
    ] as const) {
      const report = await sync(new MapBoard({}, { bytecode }), { 'a.py': 'x = 1' });
      assert.deepEqual(said(report), ['put /a.py missing']);
      assert.match(report.actions[0]?.note ?? '', words);
    }
  });

  it('refuses two sources for one file', async () => {
    await assert.rejects(
      sync(new MapBoard(), { 'a.py': 'x', 'a.mpy': 'y' }),
      /a\.mpy and a\.py|a\.py and a\.mpy/,
    );
  });
});

describe('The compiler', () => {
  it('gives the same bytes each time, in whatever thread', async () => {
    const compile = async () => {
      const compiler = new Compiler();
      try {
        return await compiler.compile('/lib/a.py', 'def f(x):\n    return x + 1\n');
      } finally {
        await compiler.close();
      }
    };
    const first = await compile();
    assert.ok('mpy' in first);
    assert.deepEqual(await compile(), first);
  });

  it('takes source that is long, empty, or not ASCII, and a name that is too long', async () => {
    const compiler = new Compiler();
    try {
      const sources = ['', 'x = "ä€😀"\n', 'x = 1\n'.repeat(20_000)];
      for (const source of sources) assert.ok('mpy' in (await compiler.compile('/a.py', source)));
      assert.ok('mpy' in (await compiler.compile(`/${'d/'.repeat(200)}a.py`, 'x = 1')));
    } finally {
      await compiler.close();
    }
  });

  it('says so when its thread ends in the middle, and compiles the next file in another', async () => {
    const compiler = new Compiler();
    try {
      const broken = compiler.compile('/a.py', 'x = 1');
      const { worker } = compiler as unknown as { worker: Worker };
      await worker.terminate();
      assert.ok('error' in (await broken));
      assert.ok('mpy' in (await compiler.compile('/b.py', 'x = 2')));
    } finally {
      await compiler.close();
    }
  });

  it('leaves the other thread its fetch', async () => {
    const compiler = new Compiler();
    await compiler.compile('/a.py', '1');
    await compiler.close();
    assert.equal(typeof fetch, 'function');
  });
});
