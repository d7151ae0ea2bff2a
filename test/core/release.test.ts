import assert from 'node:assert/strict';
import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import {
  buildRelease,
  frameworkRelease,
  InvalidInputError,
  LocalFileError,
  parseManifest,
  type ReleaseOptions,
} from '../../core/index';
import { sha256 } from '../support/contents';
import { errorOf, Workbench } from './support';
import { localFolder } from './sync-support';

const root = join(__dirname, '..', '..');

describe('A release', () => {
  const bench = new Workbench();
  afterEach(() => bench.clear());

  const folder = (files: Record<string, string>) =>
    bench.keep(localFolder(files), ({ remove }) => remove()).path;
  const build = (options: Partial<ReleaseOptions>) =>
    buildRelease({ slot: 'app', name: 'oven', ...options });
  const paths = async (options: Partial<ReleaseOptions>) =>
    (await build(options)).manifest.files.map(({ path }) => path);
  const refusal = async (options: Partial<ReleaseOptions>) => {
    const error = await errorOf(build(options));
    assert.ok(error instanceof InvalidInputError, `${error}`);
    return error;
  };

  it('of a folder has all in it, below /src, with sizes and sums, in order', async () => {
    const { manifest, text, contents, id } = await build({
      folder: folder({ 'oven.py': 'a', 'lib/b.py': 'bb', '.git/x': 'c', '__pycache__/d': 'd' }),
    });
    assert.deepEqual(manifest.files, [
      { path: '/src/lib/b.py', size: 2, sha256: sha256(Buffer.from('bb')) },
      { path: '/src/oven.py', size: 1, sha256: sha256(Buffer.from('a')) },
    ]);
    assert.deepEqual(contents.map(String), ['bb', 'a']);
    assert.deepEqual(parseManifest(text), manifest);
    assert.equal(id, sha256(text));
  });

  it('for the configuration goes to the root, any goes where it is told to', async () => {
    const files = [{ path: 'board_config.py', data: '' }];
    assert.deepEqual(await paths({ slot: 'config', files }), ['/board_config.py']);
    assert.deepEqual(await paths({ files: [{ path: 'a', data: '' }], to: 'data/x' }), [
      '/data/x/a',
    ]);
  });

  it('is not made without a file that a link should lead to, unless that is left out', async () => {
    const local = folder({ 'a.py': '' });
    symlinkSync('/nowhere', join(local, 'pump.py'));
    const { message } = await refusal({ folder: local });
    assert.match(message, /^pump\.py cannot be released: a symbolic link that leads nowhere\. Put/);
    assert.deepEqual(await paths({ folder: local, exclude: ['pump.py'] }), ['/src/a.py']);
    assert.deepEqual(await paths({ folder: local, include: ['a.py'] }), ['/src/a.py']);
  });

  it('has the files that the patterns mean, and not those that are left out', async () => {
    const local = folder({ 'a.py': '', 'a.txt': '', 'lib/b.py': '', 'test/c.py': '' });
    assert.deepEqual(await paths({ folder: local, include: ['*.py'], exclude: ['/test'] }), [
      '/src/a.py',
      '/src/lib/b.py',
    ]);
    assert.deepEqual(await paths({ folder: local, include: ['/lib'] }), ['/src/lib/b.py']);
  });

  it('takes files from memory besides a folder, but not two for one place', async () => {
    const local = folder({ 'a.py': '' });
    const files = [{ path: 'b.py', data: Buffer.from('x') }];
    assert.deepEqual(await paths({ folder: local, files }), ['/src/a.py', '/src/b.py']);
    const error = await refusal({ folder: local, files: [{ path: 'a.py', data: 'x' }] });
    assert.equal(error.code, 'SAME_PLACE');
  });

  it('has a version of its files where none is given: the same for the same', async () => {
    const version = async (data: string, name = 'oven') =>
      (await build({ name, files: [{ path: 'a', data }] })).manifest.version;
    assert.match(await version('1'), /^[0-9a-f]{8}$/);
    assert.equal(await version('1'), await version('1', 'other'));
    assert.notEqual(await version('1'), await version('2'));
  });

  it('says what it needs, and whether it leaves alone what it has not', async () => {
    const needs = { mpy: '1.24', kind: ['nodemcu'] };
    const files = [{ path: 'a', data: '' }];
    const { text } = await build({ version: '1', needs, partial: true, files });
    assert.deepEqual(JSON.parse(text.toString().split('\n')[0] ?? ''), {
      ...{ slot: 'app', name: 'oven', version: '1', needs, partial: true },
    });
    assert.equal((await build({ needs: {}, files })).manifest.needs, undefined);
  });

  it('can be compiled, and is refused when it cannot be', async () => {
    const files = [
      { path: 'a.py', data: 'print(1)\n' },
      { path: 'b.txt', data: '' },
    ];
    assert.deepEqual(await paths({ files, bytecode: true }), ['/src/a.mpy', '/src/b.txt']);
    const wrong = [{ path: 'a.py', data: 'def (\n' }];
    const { code, message } = await refusal({ files: wrong, bytecode: true });
    assert.equal(code, 'NOT_COMPILED');
    assert.match(message, /a\.py.*SyntaxError.*line 1/);
    assert.deepEqual(await paths({ files: wrong }), ['/src/a.py']);
  });

  it('has nothing that belongs to another slot, or to the board alone', async () => {
    const wrong: Array<[ReleaseOptions['slot'], string]> = [
      ...(['/main.py', '/lib/mqtt.py', '/lib/mqrepl/v2.mpy', '/ca.pem'] as const).map(
        (path): [ReleaseOptions['slot'], string] => ['app', path],
      ),
      ['config', '/main.py'],
      ['framework', '/board_config.py'],
    ];
    for (const [slot, path] of wrong) {
      const error = await refusal({ slot, to: '/', files: [{ path, data: '' }] });
      assert.equal(error.code, 'WRONG_SLOT', path);
    }
    for (const path of ['/boot.py', '/release/app/now', '/safemode/pack']) {
      const error = await refusal({ to: '/', files: [{ path, data: '' }] });
      assert.equal(error.code, 'BAD_MANIFEST', path);
    }
    assert.deepEqual(await paths({ to: '/', files: [{ path: 'lib/mine.py', data: '' }] }), [
      '/lib/mine.py',
    ]);
  });

  it('needs files', async () => {
    assert.equal((await refusal({})).code, 'NOTHING_TO_RELEASE');
    const local = folder({ 'a.py': '' });
    const { message } = await refusal({ folder: local, include: ['*.txt'] });
    assert.match(message, /no files in .* that the patterns mean/);
    const missing = await errorOf(build({ folder: join(local, 'b') }));
    assert.ok(missing instanceof LocalFileError);
  });
});

describe('The release of our own framework', () => {
  it('has main.py and /lib, and neither boot.py nor a configuration', async () => {
    const { manifest } = await frameworkRelease();
    const found = manifest.files.map(({ path }) => path);
    assert.ok(found.includes('/main.py') && found.includes('/lib/mqrepl/__init__.py'));
    assert.deepEqual(
      found.filter((path) => path !== '/main.py' && !path.startsWith('/lib/')),
      [],
    );
    assert.equal(manifest.slot, 'framework');
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    assert.equal(manifest.version, version);
  });

  it('has less than half the bytes when it is compiled', async () => {
    const bytes = async (bytecode: boolean) =>
      (await frameworkRelease({ bytecode })).contents.reduce((sum, { length }) => sum + length, 0);
    const [compiled, source] = [await bytes(true), await bytes(false)];
    assert.ok(compiled < source / 2, `${compiled} of ${source}`);
  });

  it('has the version that the firmware says', () => {
    const text = readFileSync(join(root, 'firmware/lib/crash/last_boot.py'), 'utf8');
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    assert.equal(/^VERSION = "(.+?)"/m.exec(text)?.[1], version);
  });
});
