import assert from 'node:assert/strict';
import { FileHost } from '../support/file-host';
import { ReleaseHost, release } from '../support/release-host';

/** Makes the copy by hand, and says what came of it and how many files were copied. */
const MAKE = (renew: boolean) => `
import releases
from releases import safe_copy
copied = 0
copy = safe_copy._copy
async def count(*args):
    global copied
    copied += 1
    await copy(*args)
safe_copy._copy = count
print(await safe_copy.make(${renew ? 'True' : 'False'}), copied, end="")
releases.forget()
`;

describe('The copy for safe mode', () => {
  let files: FileHost;
  let host: ReleaseHost;

  before(async () => {
    files = await FileHost.start('copy/for/safe/mode');
    host = new ReleaseHost(files);
  });

  after(() => files.stop());

  const confirm = () => files.failure('release', { step: 'confirm' });
  const make = (renew: boolean) => files.eval(MAKE(renew));

  /** The copy's first JSON line, and its files. */
  async function copy() {
    const { kind, data } = await files.get('/safemode/pack');
    if (kind !== 'v') return undefined;
    const end = data.indexOf('\n\n');
    const [magic, head = '', ...lines] = data.toString('utf8', 0, end).split('\n');
    assert.equal(magic, 'MQbP1');
    let at = end + 2;
    const entries = lines.map((line) => {
      const size = Number.parseInt(line, 10);
      at += size;
      return [line.slice(line.indexOf(' ') + 1), data.subarray(at - size, at)] as const;
    });
    assert.equal(at, data.length);
    return { head: JSON.parse(head), entries: new Map(entries) };
  }

  async function restart() {
    await files.value('reset', { how: 'normal' });
    await host.restarted();
  }

  it('has all that safe mode runs, byte by byte', async () => {
    assert.equal(await copy(), undefined);
    await files.put('/lib/mine/deep.bin', Buffer.alloc(5000, 3), { head: { parents: true } });
    await files.put('/ca.der', Buffer.from([1, 2, 3]));
    await restart();
    await files.eval('sys.modules["board_config"].mqtt["ssl_params"] = {"ca": "/ca.der"}');
    await files.value('release', { step: 'confirm' });
    const made = await copy();
    assert.ok(made);
    const { entries, head } = made;
    assert.deepEqual(head, { fw: (await host.info()).fw, files: entries.size });
    const paths = [...entries.keys()];
    for (const path of ['/main.py', '/board_config.py', '/board_secrets.py', '/ca.der']) {
      assert.ok(paths.includes(path), path);
    }
    assert.ok(!paths.includes('/boot.py'));
    assert.deepEqual([...(entries.get('/lib/mine/deep.bin') ?? [])], [...Buffer.alloc(5000, 3)]);
    const { output } = await files.finish(files.begin('list', { path: '/lib', deep: true }));
    const lib = output.split('\n').filter((line) => line.startsWith('[') && !line.endsWith('/"]'));
    assert.equal(paths.filter((path) => path.startsWith('/lib/')).length, lib.length);
    for (const path of ['/main.py', '/lib/mqrepl/__init__.py', '/lib/crash/folder.py']) {
      assert.ok((await files.get(path)).data.equals(entries.get(path) ?? Buffer.alloc(0)), path);
    }
  });

  it('is made again only when something would change, and only when it is asked for', async () => {
    await files.eval('sys.modules["board_config"].mqtt["ssl_params"] = {"ca": "/ca.der"}');
    assert.equal(await make(true), 'None 0');
    await files.eval(
      'f = open("/lib/mine/deep.bin", "r+b")\nf.seek(4999)\nf.write(b"x")\nf.close()',
    );
    assert.equal(await make(false), 'None 0');
    assert.match(await make(true), /^None \d\d+$/);
    assert.equal((await copy())?.entries.get('/lib/mine/deep.bin')?.at(-1), 'x'.charCodeAt(0));
    assert.equal(await make(true), 'None 0');
  });

  it('is not made of what has not run yet', async () => {
    await files.put('/lib/sntp.py', Buffer.from('syntax error'));
    assert.equal(await confirm(), 'changed');
    assert.ok((await copy())?.entries.get('/lib/sntp.py')?.includes('def start'));
  });

  it('is not made of what is on trial, and is of what was confirmed', async () => {
    const fine = Buffer.from('def start(mqtt, config):\n    pass\n');
    await host.update(release({ slot: 'framework', version: '2' }, { '/lib/sntp.py': fine }), 'f');
    await host.restarted();
    assert.match(await make(true), /^\('trial', /);
    await files.value('release', { step: 'confirm', id: 'f' });
    assert.ok((await copy())?.entries.get('/lib/sntp.py')?.equals(fine));
    assert.equal((await host.info()).releases.framework.version, '2');
  });

  it('stays as it was when the flash has no room for a new one', async () => {
    const before = await copy();
    const { free } = await files.value('stat', { path: '/' });
    await files.put('/filling', Buffer.alloc(free - 50_000, 1));
    await restart();
    await files.eval('open("/lib/mine/deep.bin", "w").close()');
    assert.equal(await confirm(), 'full');
    assert.deepEqual(await copy(), before);
    assert.equal(await files.eval('os.listdir("/safemode")'), "['pack']");
  });
});
