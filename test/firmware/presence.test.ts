import assert from 'node:assert/strict';
import { CrashHost } from '../support/crash-host';

describe('The birth message', () => {
  let host: CrashHost;

  beforeEach(async () => {
    host = await CrashHost.start('presence');
  });

  afterEach(() => host.stop());

  /** The next one. */
  async function info() {
    const { payload } = await host.files.raw.message(({ topic }) => topic.endsWith('/mqb/info'));
    return JSON.parse(payload.toString());
  }

  it('says how the board came to start, and since when it runs', async () => {
    await host.board.powerCut();
    await host.board.start();
    const { boot, reset, cause, mode, fw, id, log, up, time, boots, last, ...more } = await info();
    assert.deepEqual(
      [reset, cause, mode, fw, log, boots],
      ['power', 'PWRON', 'normal', '0.1.0', 2, 2],
    );
    assert.match(id, /^[0-9a-f]{12}$/);
    assert.ok(up >= 0 && up < 10);
    assert.ok(Math.abs(time - Date.now() / 1000) < 10);
    assert.deepEqual([last.boot, last.rough], [host.files.boot, true]);
    assert.notEqual(boot, host.files.boot);
    assert.equal(more.reason, undefined);
    assert.ok(more.do.includes('crash') && more.do.includes('eval'));
  });

  it('is made afresh at each connection: it tells how long the board is up, and the time', async () => {
    await host.eval('import crash\ncrash.alive._seconds += 1000');
    host.files.begin('eval', {}, Buffer.from('mqtt.client._proto.fail(OSError("cut"))'));
    const again = await info();
    assert.ok(again.up >= 1000 && again.up < 1010, `${again.up}`);
    assert.ok(Math.abs(again.time - Date.now() / 1000) < 10);
    assert.equal(again.boot, host.files.boot);
  });
});

it('A board tells the tags of its configuration, as far as they are texts', async () => {
  const host = await CrashHost.start('presence', { config: 'tags = ["cellar", 3, "heating"]' });
  try {
    const tags = await host.eval('sys.modules["presence"].present._facts["tags"]');
    assert.equal(tags, "['cellar', 'heating']");
  } finally {
    await host.stop();
  }
});

it('A board whose clock is unset tells no time, and reports crashes without one', async () => {
  const host = await CrashHost.start('presence', {
    clock: 'unset',
    config: 'modules.remove("sntp")',
  });
  try {
    const facts = await host.eval('sys.modules["presence"].present._facts.get("time")');
    assert.equal(facts, 'None');
    await host.raise('ValueError');
    const report = await host.report();
    assert.equal(report?.time, undefined);
    assert.ok(Number(report?.up) >= 0);
  } finally {
    await host.stop();
  }
});
