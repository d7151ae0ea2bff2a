import assert from 'node:assert/strict';
import { CrashHost } from '../support/crash-host';

const LOOP = 'dog/mqb/cmd/eval/0F00D/';

describe('The loop through the broker', () => {
  let host: CrashHost;

  afterEach(() => host.stop());

  /** A board that counts how often its dog is fed, with a watchdog of so many seconds. */
  async function start(seconds: number, more = ''): Promise<void> {
    host = await CrashHost.start('dog', { config: `watchdog = {"timeout": ${seconds}}\n${more}` });
    await host.eval(`
import __main__
class Counting:
    def __init__(self, dog): self.dog, self.fed, self.connected = dog, 0, 0
    def feed(self):
        self.fed += 1
        self.connected += mqtt.client.isconnected()
        self.dog.feed()
__main__.dog = Counting(__main__.dog)`);
  }
  const fed = async () => Number(await host.eval('__main__.dog.fed'));

  it('feeds the watchdog each time that its message comes back', async () => {
    await start(10);
    let loops = 0;
    host.files.raw.broker.aedes.on('publish', (packet) => {
      if (packet.topic !== LOOP) return;
      loops += 1;
      assert.deepEqual(
        [packet.qos, packet.payload.toString('latin1')],
        [0, '\x80\0watchdog.feed()'],
      );
    });
    await host.eval('await asyncio.sleep(7)');
    assert.ok(loops >= 2, `${loops}`);
    assert.ok(Math.abs((await fed()) - loops) <= 1);
  });

  it('is no reply to anybody, and costs version 1 nothing', async () => {
    await start(10);
    await host.eval('await asyncio.sleep(3)');
    assert.equal(await host.eval('"mqrepl.v1" in sys.modules'), 'False');
  });

  it('does not feed while its message does not come back, and connects anew', async () => {
    await start(10);
    await host.eval('sys.modules["watchdog"].topic = b"dog/nobody"\n__main__.dog.connected = 0');
    await host.board.waitForLine(/no command comes back through the broker/, 20_000);
    await host.files.raw.message(({ payload }) => payload.toString() === 'online');
    await host.files.hello();
    assert.equal(await host.eval('__main__.dog.connected'), '0');
  });

  it('feeds without a connection, as long as asyncio runs', async () => {
    await start(10);
    let resets = 0;
    host.board.on('reset', () => resets++);
    host.board.network(false);
    await new Promise((resolve) => setTimeout(resolve, 16_000));
    host.board.network(true);
    await host.files.raw.message(({ payload }) => payload.toString() === 'online', 40_000);
    assert.equal(resets, 0);
    assert.ok((await fed()) > 1);
  });

  it('ends in a reset that is meant after nothing was reached for long, later the next time', async () => {
    await start(10, 'watchdog["lost"] = 2');
    const last = host.files.boot;
    host.board.network(false);
    await host.board.waitForLine(/\[reset: HARD\]/, 25_000);
    host.board.network(true);
    const { payload } = await host.files.raw.message(
      ({ topic, payload: said }) =>
        topic.endsWith('/info') && JSON.parse(said.toString()).boot !== last,
      40_000,
    );
    const info = JSON.parse(payload.toString());
    assert.deepEqual([info.reset, info.reason], ['intended', 'nothing was reached for 10 s']);
    await host.files.hello();
    assert.equal(await host.eval('import __main__\nprint(__main__.state["lost"])'), '1\n');
  });
});

describe('The module watchdog', () => {
  let host: CrashHost;

  beforeEach(async () => {
    host = await CrashHost.start('dog');
  });

  afterEach(() => host.stop());

  for (const [how, mode] of [
    ['f', 'safe'],
    ['n', 'normal'],
    ['h', 'normal'],
  ]) {
    it(`resets as the original's does: ${how} for ${mode}`, async () => {
      const info = await host.dies(`sys.modules["watchdog"].reset("${how}")`);
      assert.deepEqual([info.mode, info.reset], [mode, 'intended']);
    });
  }

  it('resets softly', async () => {
    const info = await host.dies('sys.modules["watchdog"].reset("s")');
    assert.deepEqual([info.mode, info.reset], ['normal', 'soft']);
  });

  for (const [title, end, words] of [
    ['ends', 'pass', 'RuntimeError: a watched task has ended'],
    ['raises', 'raise ValueError("own")', 'ValueError: own'],
  ] as const) {
    it(`restarts the board, with a report, when a watched task ${title}`, async () => {
      const info = await host.dies(
        `import watchdog\nasync def own(): ${end}\nwatchdog.create_watched_task(own())`,
      );
      assert.equal(info.reset, 'crash');
      const [report] = await host.list();
      assert.deepEqual([report?.where, report?.text], ['watched task', words]);
    });
  }
});
