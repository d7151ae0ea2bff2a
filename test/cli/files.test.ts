import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Broker } from '../../demo/broker';
import { VirtualBoard } from '../../simulator/index';
import { Workbench } from '../core/support';
import { localFolder } from '../core/sync-support';
import { type Finished, mqboard } from './support';

const [ONE, TWO] = ['cli/one', 'cli/two'];
const BOTH = ['--prefix', `${ONE},${TWO}`];

describe('mqboard and the files of boards', function () {
  // Each run of the command starts a Node.js of its own.
  this.timeout(60_000);
  const bench = new Workbench();
  let broker: Broker;
  let folder: string;
  let env: Record<string, string>;

  before(async function () {
    this.timeout(30_000);
    broker = await bench.broker();
    env = { MQBOARD_SERVER: broker.url, MQBOARD_PREFIX: ONE };
    const start = async (prefix: string) => {
      const board = new VirtualBoard({ url: broker.url, prefix });
      bench.keep(board, () => board.stop());
      await board.start();
      await board.waitForLine(/ready for commands/);
    };
    await Promise.all([ONE, TWO].map(start));
  });
  after(() => bench.clear());

  beforeEach(() => {
    const files = {
      'a.py': 'x = 1\n',
      'sub/b.txt': 'b\n',
      'big.bin': Buffer.alloc(70_000, 'mqboard'),
    };
    folder = bench.keep(localFolder(files), ({ remove }) => remove()).path;
  });
  afterEach(async () => {
    await run('rm', '-r', '/t', ...BOTH);
  });

  const run = (...args: string[]): Promise<Finished> => mqboard(args, env).finished;

  /** Runs what has to succeed without a word of complaint. */
  async function good(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await run(...args);
    assert.deepEqual([code, stderr], [0, ''], `${args.join(' ')}: ${stdout}`);
    return stdout;
  }

  const lines = (text: string) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));

  it('puts a file under a name or into a folder, gets it back, and prints it', async () => {
    const big = join(folder, 'big.bin');
    await good('mkdir', '-p', '/t/in');
    assert.match(await good('put', big, '/t/in'), /^\/t\/in\/big\.bin: 70\.0 kB, .* sent in/);
    assert.match(await good('put', big, '/t/in/'), /was there already/);
    await good('put', big, '/t/new/other.bin', '-p');
    await good('get', '/t/new/other.bin', folder);
    assert.deepEqual(readFileSync(join(folder, 'other.bin')), readFileSync(big));
    assert.equal(await good('cat', '/t/in/big.bin'), readFileSync(big, 'latin1'));
    assert.equal(await good('get', '/t/in/big.bin', '-'), readFileSync(big, 'latin1'));
  });

  it('puts what comes from stdin', async () => {
    const { finished } = mqboard(['put', '-', '/t/in.txt', '-p'], env, 'from stdin');
    assert.equal((await finished).code, 0);
    assert.equal(await good('cat', '/t/in.txt'), 'from stdin');
    const nameless = await mqboard(['put', '-', '/t/'], env, 'x').finished;
    assert.equal(nameless.code, 2);
    assert.match(nameless.stderr, /Stdin has no name/);
  });

  it('lists, tells, moves and removes', async () => {
    await good('sync', folder, '/t');
    assert.equal(
      await good('ls', '/t'),
      `         6  a.py\n     70000  big.bin\n            sub/\n`,
    );
    assert.match(await good('ls', '-r', '--sha', '/t'), /^[0-9a-f]{64} {11}2 {2}sub\/b\.txt$/m);
    assert.match(
      await good('stat', '/t/a.py', '/t'),
      /^\/t\/a\.py: file, 6 bytes.*\n\/t: folder, .*free\n$/,
    );
    await good('mv', '/t/a.py', '/t/c.py');
    await good('mv', '/t/c.py', '/t/sub');
    assert.match(await good('ls', '/t/sub'), /b\.txt\n.*c\.py/);
    await good('rm', '/t/sub/b.txt', '/t/sub/c.py');
    await good('rmdir', '/t/sub');
    await good('rm', '-r', '/t');
    assert.equal((await run('ls', '/t')).code, 6);
  });

  it('prints one line of JSON for each result', async () => {
    const [made] = lines(await good('mkdir', '-p', '/t', '--json'));
    assert.deepEqual(made, { ok: true, action: 'mkdir', path: '/t' });
    const [put] = lines(await good('put', join(folder, 'a.py'), '/t/', '--json'));
    assert.deepEqual([put.ok, put.action, put.path, put.size], [true, 'put', '/t/a.py', 6]);
    assert.match(put.sha256, /^[0-9a-f]{64}$/);
    const listed = lines(await good('ls', '/t', '--sha', '--json'));
    const entry = { ok: true, path: '/t/a.py', type: 'file', size: 6, sha256: put.sha256 };
    assert.deepEqual(listed, [entry]);
    const { code, stdout, stderr } = await run('get', '/t/none', '--json');
    assert.deepEqual([code, stderr], [6, '']);
    const [{ ok, error }] = lines(stdout);
    assert.deepEqual([ok, error.code], [false, 'FILE_MISSING']);
  });

  it('brings a folder into step, tells what it did, and changes nothing in a dry run', async () => {
    const dry = await good('sync', folder, '/t', '-n', '--mpy');
    assert.match(dry, /^put {4}\/t\/a\.mpy {2}\(missing\)$/m);
    assert.match(dry, /Nothing was changed; it would be: 3 put/);
    assert.equal((await run('ls', '/t')).code, 6);
    await good('sync', folder, '/t');
    writeFileSync(join(folder, 'a.py'), 'x = 2\n');
    writeFileSync(join(folder, 'note.bak'), '');
    const { stdout } = await mqboard(['put', '-', '/t/extra'], env, 'x').finished;
    assert.match(stdout, /extra/);
    const ignore = ['--ignore', '*.bak', '--ignore', 'sub/'];
    const result = lines(await good('sync', folder, '/t', '--delete', '--json', ...ignore));
    const { report } = result.pop();
    assert.deepEqual(
      result.map(({ action, path, reason }) => [action, path, reason]),
      [
        ['skip', '/t/note.bak', 'ignored'],
        ['skip', '/t/sub', 'ignored'],
        ['same', '/t/big.bin', undefined],
        ['put', '/t/a.py', 'differs'],
        ['remove', '/t/extra', 'extra'],
      ],
    );
    assert.deepEqual([report.put, report.removed, report.same, report.skipped], [1, 1, 1, 2]);
    assert.doesNotMatch(await good('sync', folder, '/t'), /same {2}/);
    assert.match(await good('sync', folder, '/t', '-v'), /^same {3}\/t\/a\.py$/m);
  });

  it('compiles many files without a word of warning', async () => {
    for (let i = 0; i < 12; i++) writeFileSync(join(folder, 'sub', `m${i}.py`), `x = ${i}\n`);
    assert.match(await good('sync', join(folder, 'sub'), '/t', '--mpy'), /^put {4}\/t\/m11\.mpy/m);
  });

  it('follows a specification, relative to where it lies', async () => {
    writeFileSync(join(folder, 'spec'), '#! a comment\n/t:\n  sub: b.txt->c.txt\n  *.py\n');
    assert.match(await good('sync', join(folder, 'spec')), /2 put/);
    assert.equal(await good('cat', '/t/c.txt'), 'b\n');
    writeFileSync(join(folder, 'spec'), '/t:\n  gone.py\n');
    const { code, stderr } = await run('sync', join(folder, 'spec'));
    assert.equal(code, 2);
    assert.match(stderr, /Line 2 of the specification/);
  });

  it('does it on several boards at once, each line with its board, and goes on after an error', async () => {
    const files = join(folder, 'sub');
    const prefixes = ['--prefix', ONE, '--prefix', `${TWO},cli/nobody`, '--timeout', '1'];
    const { code, stdout, stderr } = await run('sync', files, '/t', ...prefixes);
    assert.equal(code, 4);
    assert.match(stderr, /^cli\/nobody \| mqboard: Nothing is known of a board cli\/nobody/);
    for (const name of [ONE, TWO]) {
      assert.match(stdout, new RegExp(`^${name} \\| put {4}/t/b\\.txt`, 'm'));
    }
    const cat = await good('cat', '/t/b.txt', ...BOTH);
    assert.deepEqual(cat.trimEnd().split('\n').sort(), [`${ONE} | b`, `${TWO} | b`]);
    const json = lines(await good('stat', '/t/b.txt', '--json', ...BOTH));
    assert.deepEqual(json.map(({ board }) => board).sort(), [ONE, TWO]);
  });

  it('gets from several boards only where each has a file of its own', async () => {
    const same = await run('get', '/main.py', folder, ...BOTH);
    assert.equal(same.code, 2);
    assert.match(same.stderr, /\{prefix\}/);
    await good('get', '/main.py', `${folder}/{prefix}/`, ...BOTH);
    for (const name of [ONE, TWO]) assert.ok(existsSync(join(folder, name, 'main.py')));
  });

  it('ends with 6 and a sentence for what is wrong with a file', async () => {
    await good('mkdir', '/t');
    const none = join(folder, 'none');
    const failing: Array<[string[], RegExp]> = [
      [['cat', '/t/none'], /\/t\/none on the board cli\/one: .*/],
      [['put', join(folder, 'a.py'), '/t/no/a.py'], /Make the folder first/],
      [['mkdir', '/t'], /\/t/],
      [['rmdir', '/main.py'], /main\.py/],
      [
        ['get', '/main.py', '/no/such/folder/x'],
        /there is no folder \/no\/such\/folder\. Make it first/,
      ],
      [['sync', folder, '/main.py'], /not a folder/],
      [['put', none], /cannot be read: there is no such file or folder \(.*none\)/],
      [['sync', none, '/t'], /There is no file or folder .*none/],
      [['sync', none], /There is no file or folder .*none/],
    ];
    for (const [args, words] of failing) {
      const { code, stderr } = await run(...args);
      assert.equal(code, 6, `${args}: ${stderr}`);
      assert.match(stderr, words);
    }
    const { stdout } = await run('put', none, '--json');
    assert.equal(JSON.parse(stdout).error.code, 'LOCAL_FILE');
  });

  it('ends with 2 and a sentence for what cannot be meant', async () => {
    const failing: Array<[string[], RegExp]> = [
      [['put', folder], /Folders are brought over by mqboard sync/],
      [['rm', '-r', '/t', '/'], /would remove the firmware/],
      [['cat', '/a', '--json'], /leave --json out/],
      [['get', '/a', '-', '--json'], /leave --json out/],
      [['get', '/../a'], /holds "\.\."/],
      [['sync', '-', '/t'], /names its targets itself/],
      [['mv', '/a'], /An argument is missing\. It is written: mqboard mv <from> <to>/],
      [['ls', '/', '--prefix', `${ONE},a/#`], /holds "#"/],
      [['ls', '--timeout', '1', '--timeout', '-1'], /The timeout is "-1"/],
    ];
    for (const [args, words] of failing) {
      const { code, stderr } = await run(...args);
      assert.equal(code, 2, `${args}: ${stderr}`);
      assert.match(stderr, words);
    }
  });

  it('cancels what runs when it is interrupted, ends with 130, and harms nothing', async () => {
    const file = join(folder, 'big.bin');
    await good('sync', folder, '/t');
    writeFileSync(file, Buffer.alloc(500_000, 'other'));
    const listing = mqboard(['sync', folder, '/t', '--json', '-v'], env);
    await once(listing.process.stdout ?? assert.fail(), 'data');
    listing.process.kill('SIGINT');
    assert.equal((await listing.finished).code, 130);
    const { stdout } = await run('ls', '/t', '--json', '--sha');
    const sizes = lines(stdout).filter(({ path }) => path === '/t/big.bin');
    assert.deepEqual(
      sizes.map(({ size }) => size),
      [70_000],
    );
  });
});
