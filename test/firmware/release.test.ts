import assert from 'node:assert/strict';
import { FileHost } from '../support/file-host';
import { ReleaseHost, release } from '../support/release-host';

describe('A release', () => {
  let files: FileHost;
  let host: ReleaseHost;

  before(async () => {
    files = await FileHost.start('release/app');
    host = new ReleaseHost(files);
  });

  after(() => files.stop());

  it('is staged, fetched, tried at the next boot, and is there then', async () => {
    const one = release(
      { version: '1' },
      { '/src/a.py': 'A = 1\n', '/src/b/c.py': '', '/src/data.bin': Buffer.alloc(20_000, 7) },
    );
    assert.deepEqual(await host.stage(one), { missing: [0, 1, 2], bytes: 20_006 });
    assert.equal((await host.fetch(one, [0, 1, 2])).text, '{"size": 20006}');
    assert.deepEqual(await host.stage(one), { missing: [], bytes: 0 });
    assert.deepEqual(await host.read('/src/a.py'), [null]);
    await files.value('release', { step: 'try', slot: 'app', id: 'u1' });
    assert.equal((await host.restarted()).reason, 'to try app 1');
    assert.deepEqual(await host.read('/src/a.py', '/src/b/c.py'), ['A = 1\n', '']);
    const { slots, free } = await files.value('release', { step: 'list', verify: true });
    assert.deepEqual(slots.app, {
      name: 'test',
      version: '1',
      files: 3,
      before: '',
      modified: [],
    });
    assert.ok(free > 100_000);
  });

  it('is confirmed when the host says so, and copied for safe mode', async () => {
    const { update, mode } = await host.info();
    assert.deepEqual([update.state, mode], ['trial', 'trial']);
    await files.value('release', { step: 'confirm', id: 'u1' });
    const info = await host.info();
    assert.deepEqual(
      [info.update, info.mode, info.safe],
      [{ id: 'u1', what: 'app', version: '1', state: 'confirmed' }, 'normal', info.fw],
    );
  });
});
