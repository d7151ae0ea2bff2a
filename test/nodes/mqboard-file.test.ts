import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Broker } from '../../demo/broker';
import { VirtualBoard } from '../../simulator/index';
import { sha256 } from '../support/contents';
import {
  connected,
  deployModified,
  fileNode,
  helper,
  loadFlow,
  next,
  node,
  type Received,
  serverNode,
  status,
  surroundings,
} from './support/flow';

interface Told {
  action: string;
  path: string;
  size: number;
  sha256: string;
  unchanged: boolean;
  elapsedMs: number;
}

interface Caught extends Received {
  error: { message: string; code: string; cause: { code: string; board: string; path: string } };
}

describe('An mqboard-file node, with a real board', function () {
  this.timeout(60_000);
  let broker: Broker;
  let board: VirtualBoard;
  let userDir: string;

  before(async () => {
    broker = await Broker.start();
    board = new VirtualBoard({ url: broker.url, prefix: 'shed', flashSize: '4M' });
    await board.start();
    await board.waitForLine(/ready for commands/, 30_000);
  });
  after(async () => {
    await board?.stop();
    await broker.stop();
  });

  beforeEach(() => {
    userDir = mkdtempSync(join(tmpdir(), 'mqboard-file-'));
    helper.settings({ userDir });
  });
  afterEach(async () => {
    await helper.unload();
    rmSync(userDir, { recursive: true, force: true });
  });

  async function start(settings: object = {}): Promise<void> {
    await helper.unload();
    await loadFlow([...surroundings(), serverNode(broker.url), fileNode(settings)] as never);
    await status('file', connected);
  }

  async function ask(msg: object = {}): Promise<Received & { mqboard: Told }> {
    const over = new AbortController();
    const answer = next('out', over.signal);
    const caught = next('caught', over.signal).then(({ error }) => {
      throw new Error((error as { message: string }).message);
    });
    node('file').receive(msg);
    try {
      return (await Promise.race([answer, caught])) as never;
    } finally {
      over.abort();
      await Promise.allSettled([answer, caught]);
    }
  }

  async function fail(msg: object = {}): Promise<Caught> {
    const caught = next('caught');
    node('file').receive(msg);
    return (await caught) as Caught;
  }

  /** One action after the other, with a node that takes everything from the message. */
  const general = {
    action: 'msg',
    path: 'path',
    pathType: 'msg',
    to: 'to',
    toType: 'msg',
    what: 'all',
    recursive: true,
    hashes: true,
  };

  it('puts a text and gets it again', async () => {
    await start({ action: 'put', path: '/put/a.txt' });
    const put = await ask({ payload: 'Grüße', topic: 'kept', parts: { id: 'x', index: 0 } });
    assert.equal(put.topic, 'kept');
    assert.deepEqual(put.parts, { id: 'x', index: 0 });
    assert.equal(put.board, 'shed');
    assert.equal(put.mqboard.action, 'put');
    assert.equal(put.mqboard.path, '/put/a.txt');
    assert.equal(put.mqboard.size, 7);
    assert.equal(put.mqboard.sha256, sha256('Grüße'));
    assert.equal(put.mqboard.unchanged, false);
    await start({ action: 'get', path: '/put/a.txt', result: 'content.text' });
    const got = await ask({ payload: 'kept' });
    assert.deepEqual(got.content, { text: 'Grüße' });
    assert.equal(got.payload, 'kept');
    assert.equal(got.mqboard.sha256, put.mqboard.sha256);
  });

  it('puts a Buffer as it is, and anything else as JSON', async () => {
    const bytes = randomBytes(9000);
    await start({ action: 'put', path: 'name', pathType: 'msg' });
    await ask({ name: '/put/bytes', payload: bytes });
    await ask({ name: '/put/object.json', payload: { valve: [3, null] } });
    await start({ path: '/put/bytes', into: 'buffer' });
    assert.deepEqual((await ask()).payload, bytes);
    await start({ path: '/put/object.json', into: 'json' });
    assert.deepEqual((await ask()).payload, { valve: [3, null] });
    await start({ path: '/put/bytes', into: 'json' });
    assert.equal((await fail()).error.code, 'NOT_JSON');
  });

  it('puts nothing at all: a file of 0 bytes', async () => {
    await start({ action: 'put', path: '/put/empty' });
    const progress = next('live');
    const { mqboard } = await ask({ payload: '' });
    assert.equal(mqboard.size, 0);
    assert.equal(((await progress).payload as { percent: number }).percent, 100);
    await start({ path: '/put/empty' });
    assert.equal((await ask()).payload, '');
  });

  it('says that a file is there already, and sends nothing', async () => {
    await start({ action: 'put', path: '/put/twice' });
    await ask({ payload: 'the same' });
    const { mqboard } = await ask({ payload: 'the same' });
    assert.equal(mqboard.unchanged, true);
    await status('file', ({ text }) => text === 'unchanged');
  });

  it('does what msg.action says', async () => {
    await start(general);
    await ask({ action: 'mkdir', path: '/some/folder' });
    await ask({ action: 'put', path: '/some/folder/a', payload: 'abc' });
    const { payload: renamed } = await ask({
      action: 'rename',
      path: '/some/folder/a',
      to: '/some/folder/b',
    });
    assert.deepEqual(renamed, { path: '/some/folder/a', to: '/some/folder/b' });
    const { payload: list, mqboard } = await ask({ action: 'list', path: '/some' });
    assert.deepEqual(list, [
      { path: '/some/folder', type: 'folder' },
      { path: '/some/folder/b', type: 'file', size: 3, sha256: sha256('abc') },
    ]);
    assert.equal((mqboard as unknown as { entries: number }).entries, 2);
    await status('file', ({ text }) => text === '2 entries');
    await ask({ action: 'list', path: '/some/folder' });
    await status('file', ({ text }) => text === '1 entry');
    const { payload: stat } = await ask({ action: 'stat', path: '/some/folder/b' });
    assert.equal((stat as { size: number }).size, 3);
    const { payload: hash } = await ask({ action: 'hash', path: '/some/folder/b' });
    assert.deepEqual(hash, { path: '/some/folder/b', size: 3, sha256: sha256('abc') });
    const { payload: removed } = await ask({ action: 'remove', path: '/some' });
    assert.deepEqual(removed, { path: '/some', removed: 3 });
    const { error } = await fail({ action: 'list', path: '/some' });
    assert.equal(error.code, 'FILE_MISSING');
    assert.deepEqual(error.cause, { code: 'FILE_MISSING', board: 'shed', path: '/some' });
  });

  it('removes no folder where only a file may be removed', async () => {
    await start(general);
    await ask({ action: 'put', path: '/kept/a', payload: '1' });
    await start({ ...general, what: 'file' });
    assert.equal((await fail({ action: 'remove', path: '/kept' })).error.code, 'FILE_FOLDER');
    await start({ ...general, what: 'folder' });
    assert.equal((await fail({ action: 'remove', path: '/kept' })).error.code, 'FILE_NOTEMPTY');
    await status('file', ({ text }) => text === 'folder not empty');
  });

  it('makes no folder unless it is told to', async () => {
    await start({ action: 'put', path: '/nowhere/a', parents: false });
    const { error } = await fail({ payload: '1' });
    assert.equal(error.code, 'FILE_PARENT');
    assert.equal(error.cause.path, '/nowhere/a');
  });

  it('tells at the second output that everything is there, and in the status how fast it was', async () => {
    await start({ action: 'put', path: '/big' });
    const progress = next('live');
    await ask({ payload: randomBytes(60_000), topic: 't' });
    const { payload, topic, board: from } = await progress;
    const { rate, ...rest } = payload as Record<string, number>;
    assert.ok((rate ?? 0) > 0);
    assert.deepEqual(rest, {
      board: 'shed',
      path: '/big',
      bytes: 60_000,
      total: 60_000,
      remaining: 0,
      percent: 100,
    });
    assert.deepEqual([topic, from], ['t', 'shed']);
    const { text } = await status('file', ({ fill }) => fill === 'green');
    assert.match(text ?? '', /^60 kB in \d/);
  });

  it('is cancelled in the middle, leaves the old file alone, and puts all the same the next time', async () => {
    await start({ action: 'put', path: '/cancelled' });
    await ask({ payload: 'old' });
    const payload = randomBytes(400_000);
    const caught = next('caught');
    node('file').receive({ payload });
    await status('file', ({ fill }) => fill === 'blue');
    node('file').receive({ cancel: true });
    assert.equal(((await caught) as Caught).error.code, 'ABORTED');
    await start({ path: '/cancelled' });
    assert.equal((await ask()).payload, 'old');
    await start({ action: 'put', path: '/cancelled' });
    assert.equal((await ask({ payload })).mqboard.sha256, sha256(payload));
  });

  describe('and local files', () => {
    const local = (...path: string[]) => join(userDir, 'mqboard', ...path);

    function write(path: string, content: string): void {
      mkdirSync(join(local(path), '..'), { recursive: true });
      writeFileSync(local(path), content);
    }

    it('puts a local file, and gets into a local file whose folders it makes', async () => {
      write('shed/note.txt', 'from here');
      await start({ action: 'put', path: '/note.txt', putFrom: 'file', local: '{board}{path}' });
      assert.equal((await fail()).error.code, 'LOCAL_FILE');
      await start({ action: 'put', path: '/note.txt', putFrom: 'file', local: '{board}/{path}' });
      await ask();
      await start({ path: '/note.txt', into: 'file', local: 'backup/{board}/{date}/{path}' });
      const { payload, mqboard } = await ask();
      const day = new Date().toLocaleDateString('sv');
      assert.equal(payload, local('backup', 'shed', day, 'note.txt'));
      assert.equal((mqboard as unknown as { local: string }).local, payload);
      assert.equal(readFileSync(payload as string, 'utf8'), 'from here');
    });

    it('is deployed anew in the middle of a get, leaves no half file, and goes on with the next', async () => {
      const content = randomBytes(400_000);
      await start({ action: 'put', path: '/large' });
      await ask({ payload: content });
      const settings = { path: '/large', into: 'file', local: 'large' };
      await start(settings);
      node('file').receive({});
      await status('file', ({ fill }) => fill === 'blue');
      const flow = [
        ...surroundings(),
        serverNode(broker.url),
        fileNode({ ...settings, name: 'x' }),
      ];
      await deployModified(flow as never);
      await status('file', connected);
      assert.equal(existsSync(local('large')), false);
      const { payload } = await ask();
      assert.deepEqual(readFileSync(payload as string), content);
      assert.deepEqual(readdirSync(local()), ['large']);
    });

    it('touches nothing outside of the local root', async () => {
      writeFileSync(join(userDir, 'secret'), 'secret');
      mkdirSync(local());
      symlinkSync(userDir, local('out'));
      for (const path of ['../secret', 'out/secret', join(userDir, 'secret')]) {
        await start({ action: 'put', path: '/stolen', putFrom: 'file', local: path });
        assert.equal((await fail()).error.code, 'OUTSIDE_ROOT', path);
        await start({ path: '/note.txt', into: 'file', local: path });
        assert.equal((await fail()).error.code, 'OUTSIDE_ROOT', path);
        await start({ action: 'sync', path: '/stolen', local: join(path, '..') });
        assert.equal((await fail()).error.code, 'OUTSIDE_ROOT', path);
      }
      assert.equal(readFileSync(join(userDir, 'secret'), 'utf8'), 'secret');
    });

    it('takes another root, and does not make one up', async () => {
      mkdirSync(join(userDir, 'other'));
      await start({ path: '/note.txt', into: 'file', local: 'note', root: 'other' });
      assert.equal((await ask()).payload, join(userDir, 'other', 'note'));
      await start({ path: '/note.txt', into: 'file', local: 'note', root: 'missing' });
      assert.equal((await fail()).error.code, 'ROOT_MISSING');
    });

    it('brings a folder into step, and sends only what differs', async () => {
      write('app/a.py', 'a = 1');
      write('app/lib/b.py', 'b = 1');
      write('app/notes.md', 'not for boards');
      const sync = { action: 'sync', path: '/app', local: 'app', ignore: '*.md\n\n *.txt ' };
      await start({ ...sync, dryRun: true });
      assert.deepEqual(counts(await ask()), { put: 2, same: 0, removed: 0 });
      await status('file', ({ text }) => text === '2 to put');
      await start(sync);
      assert.deepEqual(counts(await ask()), { put: 2, same: 0, removed: 0 });
      write('app/a.py', 'a = 2');
      const progress = next('live');
      assert.deepEqual(counts(await ask()), { put: 1, same: 1, removed: 0 });
      assert.equal(((await progress).payload as { path: string }).path, '/app');
      await status('file', ({ text }) => text === '1 put, 1 same');
      rmSync(local('app', 'lib'), { recursive: true });
      assert.deepEqual(counts(await ask()), { put: 0, same: 1, removed: 0 });
      await start({ ...sync, extra: true, dryRun: true });
      assert.deepEqual(counts(await ask()), { put: 0, same: 1, removed: 2 });
      await status('file', ({ text }) => text === '0 to put, 2 to go');
      await start({ ...sync, extra: true });
      assert.deepEqual(counts(await ask()), { put: 0, same: 1, removed: 2 });
    });

    it('brings a list of files and a specification into step', async () => {
      const list = [
        { path: 'c.py', content: 'c = 1' },
        { path: 'd/e.json', content: { e: [1] } },
      ];
      await start({ action: 'sync', syncFrom: 'list', path: '/listed' });
      assert.deepEqual(counts(await ask({ payload: list })), { put: 2, same: 0, removed: 0 });
      write('spec/x.py', 'x = 1');
      write('spec/spec.txt', '/listed:\n  x.py\n');
      await start({
        action: 'sync',
        syncFrom: 'specificationFile',
        local: 'spec/spec.txt',
        path: '',
      });
      assert.deepEqual(counts(await ask()), { put: 1, same: 0, removed: 0 });
      await start({ action: 'sync', syncFrom: 'specification', local: 'spec', extra: true });
      const { mqboard } = await ask({ payload: '/listed:\n  x.py\n' });
      assert.equal((mqboard as unknown as { same: number }).same, 1);
      await start({ ...general, recursive: true });
      const { payload } = await ask({ action: 'list', path: '/listed' });
      const paths = (payload as Array<{ path: string }>).map(({ path }) => path);
      assert.deepEqual(paths.sort(), [
        '/listed/c.py',
        '/listed/d',
        '/listed/d/e.json',
        '/listed/x.py',
      ]);
    });

    it('sends Python files compiled when it is told to', async () => {
      write('compiled/f.py', 'def f():\n    return 42\n');
      await start({ action: 'sync', path: '/compiled', local: 'compiled', mpy: true });
      await ask();
      await start(general);
      const { payload } = await ask({ action: 'list', path: '/compiled' });
      const [only] = payload as Array<{ path: string }>;
      assert.equal(only?.path, '/compiled/f.mpy');
    });
  });
});

function counts({ payload }: Received) {
  const { put, same, removed } = payload as Record<string, number>;
  return { put, same, removed };
}
