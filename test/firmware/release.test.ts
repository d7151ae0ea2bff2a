import assert from 'node:assert/strict';
import { contents } from '../support/contents';
import { FileHost, NOTHING } from '../support/file-host';
import { type Files, type ReleaseHead, ReleaseHost, release } from '../support/release-host';

const CONFIG = 'kind = "heater"\nlogging["boot_level"] = 40\n';

describe('A release', () => {
  let files: FileHost;
  let host: ReleaseHost;
  let updates = 0;

  before(async () => {
    files = await FileHost.start('release/of/files', { config: CONFIG, flashSize: '1400k' });
    host = new ReleaseHost(files);
  });

  after(() => files.stop());

  const step = (name: string, head: object = {}) =>
    files.value('release', { step: name, slot: 'app', ...head });
  const failure = (name: string, head: object = {}) =>
    files.failure('release', { step: name, slot: 'app', ...head });
  const slot = async (name = 'app') => (await step('list', { verify: true })).slots[name];
  const folder = async (name: string) =>
    JSON.parse(await files.eval(`import json\nprint(json.dumps(sorted(os.listdir("${name}"))))`));

  /** Brings a release onto the board, confirmed. */
  async function install(head: ReleaseHead, content: Files) {
    const made = release(head, content);
    const id = `u${++updates}`;
    await host.update(made, id);
    await host.restarted();
    await step('confirm', { id });
    return made;
  }

  async function undo(slotName = 'app') {
    await step('undo', { slot: slotName, id: `u${++updates}`, why: 'a test' });
    return host.restarted();
  }

  it('is staged, fetched, tried at the next boot, and is there then', async () => {
    const one = release(
      { version: '1' },
      { '/src/a.py': 'A = 1\n', '/src/b/c.py': '', '/src/data.bin': Buffer.alloc(20_000, 7) },
    );
    assert.deepEqual(await host.stage(one), { missing: [0, 1, 2], bytes: 20_006 });
    assert.equal((await host.fetch(one, [0, 1, 2])).text, '{"size": 20006}');
    assert.deepEqual(await host.stage(one), { missing: [], bytes: 0 });
    assert.deepEqual(await host.read('/src/a.py'), [null]);
    await step('try', { id: 'first' });
    const { reason, update, mode } = await host.restarted();
    assert.deepEqual([reason, update.state, mode], ['to try app 1', 'trial', 'trial']);
    assert.deepEqual(await host.read('/src/a.py', '/src/b/c.py'), ['A = 1\n', '']);
    assert.deepEqual(await slot(), {
      ...{ name: 'test', version: '1', files: 3, before: '', modified: [] },
    });
  });

  it('on trial keeps others out, until the host confirms it', async () => {
    assert.equal(await failure('stage'), 'trial');
    assert.equal(await failure('drop'), 'trial');
    assert.equal(await failure('undo', { slot: 'config', id: 'x' }), 'trial');
    assert.equal(await failure('confirm', { id: 'another' }), 'trial');
    await step('confirm', { id: 'first' });
    await step('confirm', { id: 'first' }); // its first answer was lost
    assert.equal(await failure('confirm', { id: 'another' }), 'trial');
    const info = await host.info();
    assert.deepEqual(info.update, { id: 'first', what: 'app', version: '1', state: 'confirmed' });
    assert.deepEqual(info.releases.app, { name: 'test', version: '1' });
    assert.deepEqual([info.mode, info.safe], ['normal', info.fw]);
  });

  it('sends only what differs, and takes away what it has no more', async () => {
    await files.put('/src/mine.py', Buffer.from('mine'));
    const two = release(
      { version: '2' },
      { '/src/a.py': 'A = 2\n', '/src/data.bin': Buffer.alloc(20_000, 7), '/src/mine.py': 'its' },
    );
    assert.deepEqual((await host.stage(two)).missing, [0, 2]);
    await host.update(two, 'second');
    await host.restarted();
    const now = ['/src/a.py', '/src/b/c.py', '/src/mine.py'];
    assert.deepEqual(await host.read(...now), ['A = 2\n', null, 'its']);
    assert.deepEqual((await folder('/src')).sort(), ['a.py', 'data.bin', 'mine.py']);
    await step('confirm', { id: 'second' });
    assert.deepEqual(await host.stage(two), { missing: [], bytes: 0, same: true });
    assert.equal((await slot()).before, '1');
  });

  it('is undone: the one before comes back, and what it was in the way of', async () => {
    const { reason, update, mode } = await undo();
    assert.deepEqual([reason, update.version, mode], ['to try app 1', '1', 'trial']);
    const now = ['/src/a.py', '/src/b/c.py', '/src/mine.py'];
    assert.deepEqual(await host.read(...now), ['A = 1\n', '', 'mine']);
    assert.equal((await slot()).before, undefined);
  });

  it('is undone while it is on trial, too: then what was there before is back', async () => {
    const { update, mode } = await undo();
    assert.deepEqual([update.state, update.why, mode], ['undone', 'a test', 'normal']);
    const now = ['/src/a.py', '/src/b/c.py', '/src/mine.py'];
    assert.deepEqual(await host.read(...now), ['A = 2\n', null, 'its']);
    assert.deepEqual([(await slot()).version, (await slot()).modified], ['2', []]);
  });

  it('that was undone need not be sent again', async () => {
    await undo();
    await step('confirm', {});
    assert.equal((await slot()).version, '1');
    assert.equal(await failure('undo', { slot: 'app', id: 'forth' }), 'missing');
    const two = release(
      { version: '2b' },
      { '/src/a.py': 'A = 2\n', '/src/data.bin': Buffer.alloc(20_000, 7), '/src/new.py': 'new' },
    );
    assert.deepEqual((await host.stage(two)).missing, [2]);
    assert.deepEqual(await folder('/release/app/new'), ['0']);
    await step('drop');
    assert.deepEqual(await folder('/release/app/new'), []);
  });

  it('is marked as modified by a put, a rename and a remove, until it is as it was', async () => {
    await install({ version: '3' }, { '/src/x/a.py': 'a', '/src/x/b.py': 'b', '/src/c.py': 'c' });
    /** What is modified, once the birth message says that something is, or nothing. */
    const modified = async (says: boolean) => {
      await host.info(({ releases }) => (releases.app.modified === true) === says);
      return (await step('list')).slots.app.modified;
    };
    await files.put('/src/other.py', Buffer.from('no part of it'));
    assert.deepEqual(await modified(false), []);
    await files.put('/src/x/b.py', Buffer.from('B'), { body: 1 });
    assert.deepEqual(await modified(true), ['/src/x/b.py']);
    await files.put('/src/x/b.py', Buffer.from('b'), { body: 1 });
    await step('list');
    assert.deepEqual(await modified(false), []);
    await files.value('rename', { path: '/src/c.py', to: '/src/d.py' });
    assert.deepEqual(await modified(true), ['/src/c.py']);
    await files.value('rename', { path: '/src/d.py', to: '/src/c.py' });
    await step('list');
    await modified(false);
    await files.value('remove', { path: '/src/x', what: 'all' });
    assert.deepEqual(await modified(true), ['/src/x/a.py', '/src/x/b.py']);
  });

  it('over modified files is no longer modified, and brings them back when it is undone', async () => {
    await files.put('/src/c.py', Buffer.from('by hand'));
    await install({ version: '4' }, { '/src/c.py': 'of 4' });
    assert.deepEqual((await host.info()).releases.app, { name: 'test', version: '4' });
    assert.deepEqual(await host.read('/src/c.py', '/src/x/a.py'), ['of 4', null]);
    await undo();
    assert.deepEqual((await host.info()).releases.app.modified, true);
    assert.deepEqual(await host.read('/src/c.py'), ['by hand']);
    await step('confirm');
  });

  it('takes away the source beside new bytecode, which import would take, and brings it back', async () => {
    await files.put('/src/two.py', Buffer.from('TWO = 1\n'));
    await files.put('/src/three.py', Buffer.from('THREE = 1\n'));
    await install(
      { version: '7' },
      { '/src/two.mpy': 'M\x06', '/src/three.mpy': 'x', '/src/three.py': '' },
    );
    const others = ['mine.py', 'other.py'];
    assert.deepEqual(await folder('/src'), [...others, 'three.mpy', 'three.py', 'two.mpy']);
    await undo();
    assert.deepEqual(await host.read('/src/two.py', '/src/two.mpy'), ['TWO = 1\n', null]);
    await step('confirm');
  });

  it('that is partial leaves alone what it does not name', async () => {
    await install({ version: '5' }, { '/src/a.py': 'a5', '/src/b.py': 'b5' });
    await install({ version: '6', partial: true }, { '/src/b.py': 'b6' });
    assert.deepEqual(await host.read('/src/a.py', '/src/b.py'), ['a5', 'b6']);
  });

  describe('goes on after an interruption', () => {
    const large = contents.random(150_000, 1);
    const seven = release(
      { version: '7' },
      { '/src/1': 'one', '/src/2': large, '/src/3': 'three' },
    );

    it('behind the files that are whole, and within the one that is not', async () => {
      await host.stage(seven);
      const id = files.id + 1;
      const asked = (n: number) => n >= 100_000 && files.send('x', id);
      const stopped = await host.fetch(seven, [0, 1, 2], { stopAt: 120_000, asked });
      assert.equal(stopped.kind, 's');
      assert.deepEqual((await host.stage(seven)).missing, [1, 2]);
      const first: number[] = [];
      const { kind, text } = await host.fetch(seven, [1, 2], { asked: (n) => first.push(n) });
      assert.equal(kind, 'v', text);
      assert.ok((first[0] ?? 0) >= 100_000 - 3, `it asks from ${first[0]} on`);
      assert.deepEqual((await host.stage(seven)).missing, []);
    });

    it('and refuses what is not as the manifest says', async () => {
      const eight = release({ version: '8' }, { '/src/1': 'eins', '/src/2': 'zwei' });
      const wrong = { ...eight, contents: [Buffer.from('eins'), Buffer.from('drei')] };
      assert.deepEqual((await host.stage(eight)).missing, [0, 1]);
      const { kind, text } = await host.fetch(wrong, [0, 1]);
      assert.deepEqual([kind, text.split(' ')[0]], ['f', 'corrupt']);
      assert.equal(await failure('try', { id: 'eight' }), 'corrupt');
      assert.deepEqual((await host.stage(eight)).missing, [1]);
      assert.deepEqual(await host.read('/src/1', '/src/2'), [null, null]);
    });
  });

  describe('is refused', () => {
    const staged = async (head: ReleaseHead, content: Files) => {
      const made = release(head, content);
      await files.put(`/release/${made.slot}/next`, made.text, { head: { parents: true } });
      const { text } = await files.finish(
        files.begin('release', { step: 'stage', slot: made.slot }),
      );
      return text;
    };
    const one = { '/src/one.py': '1' };

    it('when the board has not what it needs, in words', async () => {
      const needs = (wanted: object) => staged({ version: '9', needs: wanted }, one);
      assert.match(
        await needs({ mpy: '99.0' }),
        /^needs it needs MicroPython 99\.0, and .* 1\.\d+/,
      );
      assert.match(
        await needs({ fw: '99' }),
        /^needs it needs the framework 99, and this board has 0/,
      );
      assert.match(
        await needs({ kind: 'cooler' }),
        /^needs .* of kind cooler, and this is heater$/,
      );
      const fits = { mpy: '1.22', fw: '0.1', kind: ['cooler', 'heater'] };
      assert.match(await needs(fits), /"missing": \[0\]/);
    });

    for (const [path, why] of [
      ['/boot.py', /^bad \/boot.py cannot be part of a release$/],
      ['/release/app/now', /cannot be part/],
      ['/safemode/pack', /cannot be part/],
      ['/src/.mqb-1', /cannot be part/],
      ['/src/../x', /^name a path is absolute/],
      ['/lib', /^folder \/lib is a folder$/],
      ['/main.py/x', /^file \/main.py is a file/],
    ] as const) {
      it(`when it brings ${path}`, async () => {
        assert.match(await staged({ version: '9' }, { [path]: 'x' }), why);
      });
    }

    it('when another slot has one of its files', async () => {
      const words = /^bad \/src\/small is part of another slot's release$/;
      assert.match(await staged({ slot: 'config', version: '1' }, { '/src/small': '' }), words);
    });

    it('when the manifest is none', async () => {
      const put = (text: string) =>
        files.put('/release/app/next', Buffer.from(text)).then(() => failure('stage'));
      assert.equal(await put('nonsense'), 'bad');
      assert.equal(await put('{"slot": "config", "name": "a", "version": "1"}\n'), 'bad');
      assert.equal(await put('{"slot": "app", "name": "a"}\n'), 'bad');
      assert.equal(await put('{"slot": "app", "name": "a", "version": "1"}\nno file\n'), 'bad');
      const line = `${'0'.repeat(64)} 1 /b\n`;
      const head = '{"slot": "app", "name": "a", "version": "1"}\n';
      assert.equal(await put(head + line + line), 'bad');
      assert.equal(await put(head + line.replace('0', 'g')), 'bad');
    });

    it('when nothing was put, or a key makes no sense', async () => {
      await files.finish(files.begin('remove', { path: '/release/app/next', what: 'file' }));
      assert.equal(await failure('stage'), 'missing');
      assert.equal(await failure('stage', { slot: 'attic' }), 'bad');
      assert.equal(await failure('climb'), 'bad');
      assert.equal(await failure('try'), 'bad');
      assert.equal(await failure('fetch', { files: 'all', size: 1, sha: '' }), 'bad');
      assert.equal(await failure('fetch', { files: [0], size: 1, sha: '' }), 'bad');
      assert.equal(await failure('undo', { slot: 'framework', id: 'x' }), 'missing');
    });
  });

  it('leaves nothing of its code in memory', async () => {
    await step('list');
    const loaded = '[n for n in sys.modules if n.startswith("releases") or n == "boot"]';
    assert.equal(await files.eval(loaded), '[]');
  });

  it('of more than the flash has room for takes that of the one before', async () => {
    const half = async () => Math.floor((await step('list')).free * 0.6);
    const size = await half();
    await install({ version: '10' }, { '/src/big': contents.random(size, 1) });
    const other = release({ version: '11' }, { '/src/big': contents.random(size, 2) });
    await host.stage(other);
    assert.match((await host.fetch(other, [0])).text, /^full \d+ bytes are needed/);
    await install({ version: '12' }, { '/src/small': 'small' });
    await host.stage(other);
    const { kind, text } = await host.fetch(other, [0]);
    assert.equal(kind, 'v', text);
    assert.equal((await slot()).before, undefined);
  });

  it('is known to boards of version 2 of the wire only', async () => {
    files.raw.client.publish(
      `${files.prefix}/mqb/cmd/release/AAAAAAAA`,
      Buffer.concat([Buffer.from([255, 255]), NOTHING]),
      { qos: 1 },
    );
    const { payload } = await files.raw.message(({ topic }) => topic.includes('/reply/err/'));
    assert.match(payload.toString(), /version 2/);
  });
});
