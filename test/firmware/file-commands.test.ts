import assert from 'node:assert/strict';
import { sha256 } from '../support/contents';
import { FileHost, NOTHING } from '../support/file-host';

describe("The board's commands for files", () => {
  let host: FileHost;
  const text = Buffer.from('grüße');

  before(async () => {
    host = await FileHost.start('commands/of/files');
  });

  after(() => host.stop());

  beforeEach(async () => {
    await host.value('mkdir', { path: '/t/sub/empty', parents: true });
    for (const path of ['/t/a.txt', '/t/sub/ä b.txt', '/t/sub/z']) await host.put(path, text);
  });

  afterEach(() => host.finish(host.begin('remove', { path: '/t', what: 'all' })));

  async function list(path: string, more: object = {}) {
    const { kind, output, text: value } = await host.finish(host.begin('list', { path, ...more }));
    assert.equal(kind, 'v', value);
    const lines = output
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
    assert.deepEqual(JSON.parse(value), { entries: lines.length });
    return lines;
  }

  it('list a folder, one line an entry', async () => {
    assert.deepEqual((await list('/t')).sort(), [['a.txt', text.length], ['sub/']]);
    assert.deepEqual(await list('/t/sub/empty'), []);
    const root = await list('/');
    assert.ok(root.some(([path]) => path === 'main.py') && root.some(([path]) => path === 't/'));
  });

  it('list what is below it, folders before what is in them, with hashes', async () => {
    const lines = await list('/t', { deep: true, sha: true });
    const hash = sha256(text);
    assert.deepEqual(lines.map(([path]) => path).sort(), [
      'a.txt',
      'sub/',
      'sub/empty/',
      'sub/z',
      'sub/ä b.txt',
    ]);
    assert.ok(lines.every(([path, , sha]) => path.endsWith('/') || sha === hash));
    const at = (name: string) => lines.findIndex(([path]) => path === name);
    assert.ok(at('sub/') < at('sub/z') && at('sub/') < at('sub/empty/'));
  });

  it('list a file as one line without a path', async () => {
    assert.deepEqual(await list('/t/a.txt', { sha: true }), [['', text.length, sha256(text)]]);
  });

  it('tell of a file its size and time, of a folder its file system', async () => {
    const file = await host.value('stat', { path: '/t/a.txt' });
    assert.deepEqual([file.type, file.size], ['file', text.length]);
    assert.ok(Math.abs(file.mtime - Date.now() / 1000) < 60);
    const { type, total, free } = await host.value('stat', { path: '/t' });
    assert.deepEqual([type, total], ['folder', 512 * 4096]);
    assert.ok(free > 0 && free < total);
  });

  it('hash a file', async () => {
    const value = await host.value('hash', { path: '/t/sub/ä b.txt' });
    assert.deepEqual(value, { size: text.length, sha: sha256(text) });
  });

  it('say of a file that became shorter while it was hashed that it was changed', async () => {
    await host.eval('import mqrepl.files.listing as l\nl.expect_file, was = len, l.expect_file');
    try {
      const path = '/t/a.txt';
      assert.ok(path.length > text.length, 'it is taken for longer than it is');
      const { kind, text: said } = await host.finish(host.begin('hash', { path }));
      assert.deepEqual([kind, said.split(' ')[0]], ['f', 'changed']);
    } finally {
      await host.eval('l.expect_file = was\ndel l, was');
    }
  });

  it('make folders, with those above when asked to', async () => {
    assert.deepEqual(await host.value('mkdir', { path: '/t/one' }), { made: 1 });
    assert.deepEqual(await host.value('mkdir', { path: '/t/x/y/z', parents: true }), { made: 3 });
    assert.deepEqual(await host.value('mkdir', { path: '/t/x/y/z', parents: true }), { made: 0 });
    await host.put('/t/p/q/r.txt', text, { head: { parents: true } });
    assert.deepEqual(await list('/t/p/q'), [['r.txt', text.length]]);
  });

  it('remove a file, an empty folder, and all', async () => {
    const remove = (path: string, what: string) => host.value('remove', { path, what });
    assert.deepEqual(await remove('/t/a.txt', 'file'), { removed: 1 });
    assert.deepEqual(await remove('/t/sub/empty', 'folder'), { removed: 1 });
    assert.deepEqual(await remove('/t', 'all'), { removed: 4 });
    assert.equal(await host.failure('stat', { path: '/t' }), 'missing');
    await host.value('mkdir', { path: '/t' });
    await host.put('/t/a', text);
    assert.deepEqual(await remove('/t/a', 'all'), { removed: 1 });
  });

  it('rename a file over another, and a folder', async () => {
    await host.put('/t/b.txt', Buffer.from('other'));
    assert.deepEqual(await host.value('rename', { path: '/t/b.txt', to: '/t/a.txt' }), {});
    assert.deepEqual((await list('/t')).sort(), [['a.txt', 5], ['sub/']]);
    await host.value('rename', { path: '/t/sub', to: '/t/moved' });
    assert.equal((await list('/t/moved')).length, 3);
    assert.deepEqual(await host.value('rename', { path: '/t/a.txt', to: '/t/a.txt' }), {});
  });

  const put = { size: 1, sha: sha256(NOTHING) };
  const long = 'n'.repeat(256);
  const failures: [command: string, head: object, code: string][] = [
    ['get', { path: '/t/none' }, 'missing'],
    ['get', { path: '/t/sub' }, 'folder'],
    ['get', { path: '/t/a.txt/b' }, 'missing file'],
    ['hash', { path: '/t/none' }, 'missing'],
    ['hash', { path: '/t/sub' }, 'folder'],
    ['list', { path: '/t/none' }, 'missing'],
    ['stat', { path: 't/a.txt' }, 'name'],
    ['stat', { path: '/t/../boot.py' }, 'name'],
    ['stat', { path: '/t/' }, 'name'],
    ['stat', { path: '/t/a\0' }, 'name'],
    ['put', { path: '/t/sub', ...put }, 'folder'],
    ['put', { path: '/t/none/a', ...put }, 'parent'],
    ['put', { path: '/t/a.txt/b', ...put }, 'file'],
    ['put', { path: '/t/a.txt/b', parents: true, ...put }, 'file'],
    ['put', { path: `/t/${long}`, ...put }, 'name'],
    ['put', { path: '/t/big', ...put, size: 1e7 }, 'full'],
    ['put', { path: '/.mqb-own', ...put }, 'name'],
    ['put', { path: '/t/.mqb-own/a', parents: true, ...put }, 'name'],
    ['mkdir', { path: '/t/.mqb-own' }, 'name'],
    ['rename', { path: '/t/a.txt', to: '/.mqb-own' }, 'name'],
    ['mkdir', { path: '/t/sub' }, 'exists'],
    ['mkdir', { path: '/t/none/a' }, 'parent'],
    ['mkdir', { path: '/t/a.txt' }, 'file'],
    ['mkdir', { path: '/t/a.txt/b', parents: true }, 'file'],
    ['mkdir', { path: `/t/${long}` }, 'name'],
    ['remove', { path: '/t/none', what: 'file' }, 'missing'],
    ['remove', { path: '/t/none', what: 'all' }, 'missing'],
    ['remove', { path: '/t/sub/empty', what: 'file' }, 'folder'],
    ['remove', { path: '/t/a.txt', what: 'folder' }, 'file'],
    ['remove', { path: '/t/sub', what: 'folder' }, 'notempty'],
    ['remove', { path: '/', what: 'all' }, 'folder'],
    ['rename', { path: '/t/none', to: '/t/b' }, 'missing'],
    ['rename', { path: '/t/a.txt', to: '/t/sub' }, 'folder'],
    ['rename', { path: '/t/sub', to: '/t/a.txt' }, 'file'],
    ['rename', { path: '/t/sub', to: '/t/sub/empty/sub' }, 'folder'],
    ['rename', { path: '/t/a.txt', to: '/t/none/a' }, 'parent'],
  ];
  for (const [command, head, code] of failures) {
    const { path, to = '' } = head as { path: string; to?: string };
    it(`refuse to ${command} ${JSON.stringify(path).slice(0, 40)} ${to}: ${code}`, async () => {
      const { kind, text: said } = await host.finish(host.begin(command, head));
      assert.equal(kind, 'f', said);
      assert.ok(code.split(' ').includes(said.split(' ')[0] ?? ''), said);
      assert.match(said, /^\w+ .*\S/);
      assert.equal((await list('/t', { deep: true })).length, 5);
    });
  }

  const path = '/t/a.txt';
  const sha = sha256(Buffer.from('abc'));
  const wrong: [command: string, head: object][] = [
    ['stat', {}],
    ['stat', { path: 7 }],
    ['remove', { path, what: 'everything' }],
    ['remove', { path }],
    ['rename', { path, to: ['/t/b'] }],
    ['get', { path, at: 'x', sha }],
    ...['x', -1, null, {}].map((size): [string, object] => ['put', { path, size, sha }]),
    ...[`${sha}00`, sha.slice(2), `zz${sha.slice(2)}`, 5, ''].map((given): [string, object] => [
      'put',
      { path, size: 3, sha: given },
    ]),
  ];
  it('end with an error when their keys are wrong, and nothing has changed', async () => {
    const before = await host.eval('os.listdir("/")');
    for (const [command, head] of wrong) {
      const said = await host.finish(host.begin(command, head, Buffer.from('abc')));
      assert.ok('ef'.includes(said.kind), `${command} ${JSON.stringify(head)}: ${said.text}`);
    }
    assert.equal((await host.value('hash', { path })).sha, sha256(text));
    assert.equal(await host.eval('os.listdir("/")'), before);
  });

  it('make and remove folders that lie deep', async () => {
    const deep = `/t${'/level'.repeat(40)}`;
    assert.equal((await host.value('mkdir', { path: deep, parents: true })).made, 40);
    assert.equal((await host.value('remove', { path: '/t/level', what: 'all' })).removed, 40);
  });

  it('are named in the birth message, with what the board inflates and loads', async () => {
    const heard = host.raw.message(({ topic }) => topic.endsWith('/info'));
    await host.raw.board.powerCut();
    await host.raw.board.start();
    const info = JSON.parse((await heard).payload.toString());
    await host.raw.message(({ payload }) => payload.toString() === 'online');
    await host.hello();
    for (const name of ['put', 'get', 'list', 'stat', 'hash', 'mkdir', 'remove', 'rename']) {
      assert.ok(info.do.includes(name), name);
    }
    assert.ok(info.inflate >= 8 && info.inflate <= 15);
    assert.equal(info.bytecode, 6);
  });
});
