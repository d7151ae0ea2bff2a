import assert from 'node:assert/strict';
import {
  type Board,
  type BoardFileError,
  BoardRefusedError,
  boardPath,
  type FileEntry,
} from '../../core/index';
import { sha256 } from '../support/contents';
import type { Behaviour, ScriptedBoard } from '../support/scripted-board';
import { errorOf, Workbench } from './support';

const PREFIX = 'shed/1';
const FILES = { '/main.py': 'main', '/lib/ä b.py': 'umlaut', '/lib/deep/c.py': 'deep' };

describe('The files and folders of a board', () => {
  const bench = new Workbench();
  let remote: ScriptedBoard;
  let board: Board;

  async function withBoard(behaviour: Behaviour = {}): Promise<void> {
    ({ remote, board } = await bench.scene(PREFIX, { files: { ...FILES }, ...behaviour }));
  }
  const reasonOf = async (promise: Promise<unknown>) =>
    ((await errorOf(promise)) as BoardFileError).reason;

  afterEach(() => bench.clear());

  it('are listed, one folder or all below it, each as it comes', async () => {
    await withBoard();
    const seen: FileEntry[] = [];
    const top = await board.list('/', { onEntry: (entry) => seen.push(entry) });
    assert.deepEqual(top, [
      { path: '/lib', type: 'folder' },
      { path: '/main.py', type: 'file', size: 4 },
    ]);
    assert.deepEqual(seen, top);
    const deep = await board.list('lib/', { recursive: true, hash: true });
    assert.deepEqual(deep, [
      { path: '/lib/deep', type: 'folder' },
      { path: '/lib/ä b.py', type: 'file', size: 6, sha256: sha256('umlaut') },
      { path: '/lib/deep/c.py', type: 'file', size: 4, sha256: sha256('deep') },
    ]);
  });

  it('are listed as one entry when it is a file', async () => {
    await withBoard();
    const entries = await board.list('/lib/deep/c.py');
    assert.deepEqual(entries, [{ path: '/lib/deep/c.py', type: 'file', size: 4 }]);
  });

  it('are listed although a frame of the list is lost', async () => {
    const files = Object.fromEntries([...'abcdefgh'].map((name) => [`/${name}`, name]));
    await withBoard({ files, losesOnce: [3] });
    assert.equal((await board.list('/')).length, 8);
  });

  it('tell their size and time, or the room that is left', async () => {
    await withBoard();
    const modified = new Date(1_700_000_000_000);
    assert.deepEqual(await board.stat('/main.py'), {
      path: '/main.py',
      type: 'file',
      size: 4,
      modified,
    });
    assert.deepEqual(await board.stat('/'), { path: '/', type: 'folder', total: 4096, free: 1024 });
  });

  it('are hashed on the board', async () => {
    await withBoard();
    const hash = await board.hash('/main.py');
    assert.deepEqual(hash, { path: '/main.py', size: 4, sha256: sha256('main') });
  });

  it('are made, moved and removed', async () => {
    await withBoard();
    await board.mkdir('/new/folder', { parents: true });
    assert.ok(remote.files.folders.has('/new/folder'));
    await board.rename('/main.py', '/new/main.py');
    assert.deepEqual(remote.files.content.get('/new/main.py'), Buffer.from('main'));
    assert.equal(await board.remove('/new', { what: 'all' }), 3);
    assert.equal(await board.remove('/lib/deep/c.py'), 1);
    assert.equal(await board.remove('/lib/deep', { what: 'folder' }), 1);
  });

  it('fail with the reason', async () => {
    await withBoard();
    assert.equal(await reasonOf(board.list('/none')), 'missing');
    assert.equal(await reasonOf(board.mkdir('/lib')), 'exists');
    assert.equal(await reasonOf(board.remove('/lib')), 'folder');
    assert.equal(await reasonOf(board.remove('/lib', { what: 'folder' })), 'notempty');
    assert.equal(await reasonOf(board.hash('/lib')), 'folder');
  });

  const nonsense = [
    'no JSON',
    '7',
    'null',
    '[]',
    '[7]',
    '["a"]',
    '["a","b"]',
    '["../a",1]',
    '["/a",1]',
  ];
  for (const line of nonsense) {
    it(`are not what a board says that lists ${line}`, async () => {
      await withBoard({ says: { list: { output: [`${line}\n`], value: '{"entries":1}' } } });
      const error = await errorOf(board.list('/'));
      assert.ok(error instanceof BoardRefusedError && error.reason === 'bad', `${error}`);
      assert.ok(error.message.includes(line));
    });
  }

  it('have no hash when the board does not say it', async () => {
    await withBoard({ says: { hash: { value: '{"size":5}' } } });
    assert.equal(await reasonOf(board.hash('/main.py')), 'bad');
  });

  it('have badges that fit below a node, and codes of their own', async () => {
    const codes = (
      'missing parent folder file exists notempty full name readonly changed corrupt ' +
      'silent memory io unheard-of'
    ).split(' ');
    await withBoard({ fails: codes.map((code) => `${code} a sentence`) });
    for (const code of codes) {
      const error = (await errorOf(board.stat('/a'))) as BoardFileError;
      assert.equal(error.reason, code);
      assert.ok(error.badge.length > 0 && error.badge.length < 20);
      assert.match(error.message, /^\/a on the board shed\/1: a sentence\./);
    }
  });

  it('are described by a board before anything was asked of it', async () => {
    await withBoard({ info: { inflate: 10, bytecode: 6 } });
    assert.equal(board.info, undefined);
    const info = await board.describe();
    assert.deepEqual([info?.inflate, info?.bytecode, info?.boot], [10, 6, 1000]);
    assert.equal(board.info, info);
  });
});

describe('A path on a board', () => {
  it('has one spelling', () => {
    for (const [written, meant] of [
      ['/lib/a.py', '/lib/a.py'],
      ['lib/a.py', '/lib/a.py'],
      ['./lib//a.py/', '/lib/a.py'],
      ['/', '/'],
      ['.', '/'],
      ['/ä b/$#+', '/ä b/$#+'],
      ['/..a/b..', '/..a/b..'],
    ]) {
      assert.equal(boardPath(written), meant);
    }
  });

  it('leads nowhere else', () => {
    for (const path of ['', '..', '/a/../b', '/a\0', '/\ud800', undefined, 7]) {
      assert.throws(() => boardPath(path), { code: 'BAD_PATH' }, String(path));
    }
  });
});
