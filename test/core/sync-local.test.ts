import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Board, FileSink, type GetOptions, getToFile, LocalRoot } from '../../core/index';
import { errorOf, Workbench } from './support';
import { localFolder } from './sync-support';

const sha = (text: string) => createHash('sha256').update(text).digest('hex');

describe('A local root', () => {
  const bench = new Workbench();
  let root: string;
  let outside: string;

  beforeEach(() => {
    const folder = (files: Parameters<typeof localFolder>[0]) =>
      realpathSync(bench.keep(localFolder(files), ({ remove }) => remove()).path);
    outside = folder({ 'secret.txt': '' });
    root = folder({ 'a.txt': '', 'sub/b.txt': '', '..dots': '' });
    symlinkSync(outside, join(root, 'out'));
    symlinkSync(join(outside, 'new.txt'), join(root, 'dangling'));
    symlinkSync('sub', join(root, 'inner'));
    symlinkSync('loop', join(root, 'loop'));
  });
  afterEach(() => bench.clear());

  const resolve = (path: string) => new LocalRoot(root).resolve(path);

  it('finds what is in it, what is not there yet, and the root itself', async () => {
    assert.equal(await resolve('a.txt'), join(root, 'a.txt'));
    assert.equal(await resolve('new/deep/c.txt'), join(root, 'new/deep/c.txt'));
    assert.equal(await resolve('inner/b.txt'), join(root, 'sub/b.txt'));
    assert.equal(await resolve('inner/new.txt'), join(root, 'sub/new.txt'));
    assert.equal(await resolve('sub/../a.txt'), join(root, 'a.txt'));
    assert.equal(await resolve('..dots'), join(root, '..dots'));
    assert.equal(await resolve(join(root, 'sub')), join(root, 'sub'));
    assert.equal(await resolve('.'), root);
  });

  it('is found through a link to it, too', async () => {
    const link = join(outside, 'link');
    symlinkSync(root, link);
    assert.equal(await new LocalRoot(link).resolve(join(link, 'a.txt')), join(root, 'a.txt'));
  });

  for (const path of [
    '..',
    '../x',
    'sub/../../x',
    '/etc/passwd',
    'out/secret.txt',
    'out/new',
    'dangling',
    'dangling/x',
  ]) {
    it(`is not left by ${path}`, async () => {
      assert.equal((await errorOf(resolve(path))).code, 'OUTSIDE_ROOT');
    });
  }

  it('takes no path that is longer than the system allows', async () => {
    assert.equal((await errorOf(resolve('x/'.repeat(3000)))).code, 'BAD_PATH');
  });

  it('takes neither a circle, nor a file as a folder, nor nothing', async () => {
    for (const path of ['loop', 'loop/x', 'a.txt/b', '', 'a\0b']) {
      assert.equal((await errorOf(resolve(path))).code, 'BAD_PATH', path);
    }
    const error = await errorOf(new LocalRoot(join(root, 'gone')).resolve('a'));
    assert.equal(error.code, 'ROOT_MISSING');
    assert.match(error.message, /there is no such .*Make that folder, or choose another\.$/);
  });
});

describe('A file that is got into a local file', () => {
  const bench = new Workbench();
  let folder: string;
  beforeEach(() => {
    folder = bench.keep(localFolder({ 'target.txt': 'old' }), ({ remove }) => remove()).path;
  });
  afterEach(() => bench.clear());

  const target = () => join(folder, 'target.txt');

  /** A board that sends `text`, and fails before the byte `failsAt` as long as it is set. */
  function sender(text: string, knobs: { failsAt?: number | undefined } = {}) {
    const resumed: number[] = [];
    const get = async (path: string, { into }: GetOptions) => {
      assert.ok(into);
      const { size, sha256 } = await into.begin();
      const goesOn = sha256 === sha(text.slice(0, size));
      if (!goesOn) await into.restart();
      let at = goesOn ? size : 0;
      resumed.push(at);
      for (; at < text.length; at += 2) {
        if (at >= (knobs.failsAt ?? Number.POSITIVE_INFINITY)) throw new Error('gone');
        await into.write(Buffer.from(text.slice(at, at + 2)));
      }
      return { path, size: text.length };
    };
    return { board: { prefix: 'a/b', get } as unknown as Board, knobs, resumed };
  }

  it('takes its name when all is there, and not before', async () => {
    const { board, knobs } = sender('0123456789', { failsAt: 4 });
    await errorOf(getToFile(board, '/x', target()));
    assert.equal(readFileSync(target(), 'utf8'), 'old');
    knobs.failsAt = undefined;
    await getToFile(board, '/x', target());
    assert.equal(readFileSync(target(), 'utf8'), '0123456789');
    assert.deepEqual(readdirSync(folder), ['target.txt']);
  });

  it('goes on with what an interrupted try has left, whoever had begun it', async () => {
    const first = sender('0123456789', { failsAt: 4 });
    await errorOf(getToFile(first.board, '/x', target()));
    const second = sender('0123456789');
    await getToFile(second.board, '/x', target());
    assert.deepEqual(second.resumed, [4]);
  });

  it('starts again when the file has changed on the board', async () => {
    await errorOf(getToFile(sender('0123456789', { failsAt: 4 }).board, '/x', target()));
    const changed = sender('abcdefgh');
    await getToFile(changed.board, '/x', target());
    assert.deepEqual(changed.resumed, [0]);
    assert.equal(readFileSync(target(), 'utf8'), 'abcdefgh');
  });

  it('hands on the hash of what an interrupted try has left, so that the whole can be checked', async () => {
    await errorOf(getToFile(sender('0123456789', { failsAt: 4 }).board, '/x', target()));
    const sink = bench.keep(new FileSink(target(), 'a/b\0/x'), (one) => one.abandon());
    const { size, hash } = await sink.begin();
    assert.equal(size, 4);
    assert.equal(hash?.update('456789').digest('hex'), sha('0123456789'));
  });

  it('does not take the rest of another file for its own', async () => {
    await errorOf(getToFile(sender('0123456789', { failsAt: 4 }).board, '/x', target()));
    const other = sender('0123456789');
    await getToFile(other.board, '/y', target());
    assert.deepEqual(other.resumed, [0]);
  });

  it('may have as long a name as the system allows', async () => {
    const long = 'ü'.repeat(127);
    await getToFile(sender('0123').board, '/x', join(folder, long));
    assert.deepEqual(readdirSync(folder).sort(), ['target.txt', long].sort());
  });

  it('leaves nothing of a try that brought nothing', async () => {
    await errorOf(getToFile(sender('0123', { failsAt: 0 }).board, '/x', target()));
    assert.deepEqual(readdirSync(folder), ['target.txt']);
  });

  it('is not written by two at once', async () => {
    const sink = new FileSink(target(), 'a/b\0/x');
    await sink.begin();
    const error = await errorOf(getToFile(sender('0123').board, '/x', target()));
    assert.match(error.message, /being written by another transfer/);
    await sink.abandon();
    await getToFile(sender('0123').board, '/x', target());
  });

  it('makes the folders above it only when it is asked to', async () => {
    const deep = join(folder, 'a/b/c.txt');
    const error = await errorOf(getToFile(sender('0123').board, '/x', deep));
    assert.equal(error.code, 'LOCAL_FILE');
    await getToFile(sender('0123').board, '/x', deep, { parents: true });
    assert.equal(readFileSync(deep, 'utf8'), '0123');
  });

  it('does not follow a link in the place of its hidden file, nor replace a folder', async () => {
    await errorOf(getToFile(sender('0123456789', { failsAt: 4 }).board, '/x', target()));
    const part = readdirSync(folder).find((name) => name.endsWith('.mqb-part')) ?? assert.fail();
    const victim = join(folder, 'victim');
    writeFileSync(victim, 'safe');
    const again = localFolder({});
    bench.keep(again, ({ remove }) => remove());
    symlinkSync(victim, join(again.path, part));
    const error = await errorOf(
      getToFile(sender('0123').board, '/x', join(again.path, 'target.txt')),
    );
    assert.equal(error.code, 'LOCAL_FILE');
    assert.equal(readFileSync(victim, 'utf8'), 'safe');
    mkdirSync(join(folder, 'dir'));
    assert.match(
      (await errorOf(getToFile(sender('0').board, '/x', join(folder, 'dir')))).message,
      /is a folder/,
    );
    assert.ok(existsSync(join(folder, 'dir')));
  });
});
