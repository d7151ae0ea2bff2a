import assert from 'node:assert/strict';
import { CrashHost } from '../support/crash-host';

/** Whatever starts the board in these tests does not wait for 30 s before it resets. */
const HASTY = 'import time\n_sleep = time.sleep\ntime.sleep = lambda s: _sleep(0.2)\n';

/** From now on the reports are stored by an `os.rename` that begins with this code. */
const renaming = (code: string) => `
import crash
class Os:
  def __getattr__(self, name): return getattr(os, name)
  def rename(self, *paths):
    ${code}
    os.rename(*paths)
occasional = crash.occasional
def patched(name):
  module = occasional(name)
  if name == "folder": module.os = Os()
  return module
crash.occasional = patched`;

const PLACES: [where: string, text: string, module: string][] = [
  ['module own', "ImportError: no module named 'absent'", 'import absent'],
  ['module own', 'SyntaxError: invalid syntax', 'x = = 1'],
  ['module own', 'KeyError: pin', 'def start(mqtt, config): config["pin"]'],
  ['module own', 'SystemExit: ', 'import sys\nsys.exit()'],
  [
    'on_init',
    'OSError: init',
    'async def f(): raise OSError("init")\ndef start(mqtt, config): mqtt.on_init(f())',
  ],
  [
    'on_mqtt',
    'OSError: change',
    'async def f(up): raise OSError("change")\ndef start(mqtt, config): mqtt.on_mqtt(f)',
  ],
  [
    'on_msg',
    'OSError: message',
    'def f(*_): raise OSError("message")\ndef start(mqtt, config): mqtt.on_msg(f)',
  ],
  [
    'on_skip',
    'OSError: skipped',
    'def f(*_): raise OSError("skipped")\ndef start(mqtt, config): mqtt.on_skip(f)',
  ],
  [
    'task',
    'MemoryError: ',
    'import asyncio\nasync def start(mqtt, config):\n  await asyncio.sleep(0.1)\n  raise MemoryError',
  ],
];

describe('A crash report', () => {
  let host: CrashHost | undefined;

  afterEach(async () => {
    await host?.stop();
    host = undefined;
  });

  for (const [where, text, module] of PLACES) {
    it(`tells of ${text || 'nothing'} in ${where}`, async () => {
      host = await CrashHost.start('places', {
        config: 'modules.append("own")\nown = {}',
        files: { 'lib/own.py': module },
      });
      if (where === 'on_skip') {
        await host.files.raw.client.publishAsync('places/mqb/2/cmd/x', Buffer.alloc(20_000));
      }
      const report = await host.report();
      assert.deepEqual([report?.kind, report?.where], ['exception', where]);
      assert.match(report?.trace ?? '', new RegExp(`^Traceback .*\\n[^]*\\n?${text}`));
      assert.equal(report?.restarted, undefined);
    });
  }

  it('tells of an exception in main.py itself, and that the board restarted for it', async () => {
    host = await CrashHost.start('places', { config: HASTY });
    // boot.py imports the configuration, too: it has to fail twice in that boot.
    const failing = `
import os
for name in "/once", "/twice":
  if name[1:] not in os.listdir("/"):
    open(name, "w").close()
    raise KeyError("no pin")
`;
    await host.eval(`with open("/board_config.py", "a") as f: f.write(${JSON.stringify(failing)})`);
    const info = await host.dies('machine.reset()');
    assert.equal(info.reset, 'crash');
    assert.equal(info.reason, 'KeyError: no pin');
    const reports = [await host.report(), await host.report()];
    const report = reports.find((found) => found?.kind === 'exception');
    assert.ok(report);
    assert.deepEqual([report.where, report.restarted, report.boots], ['main', true, 2]);
    assert.match(report.trace, /File "board_config\.py", line \d+, in <module>\nKeyError/);
    assert.ok(reports.some((found) => found?.kind === 'unexplained'));
    await host.board.waitForLine(/^W .* the last boot ended after 0 s: crash \(KeyError/);
  });

  it('stays in memory where the flash takes none, over resets, until a host has it', async () => {
    host = await CrashHost.start('places');
    assert.equal(await host.eval(renaming('raise OSError(28)')), '');
    await host.raise('ValueError("not written")');
    const report = await host.report();
    assert.match(report?.trace ?? '', /ValueError: not written/);
    assert.deepEqual(
      (await host.stored()).filter((name) => name !== '.new'),
      [],
    );
    await host.dies('os.remove("/crashes/.new")\nimport crash; crash.reset("test")');
    const again = await host.report();
    assert.deepEqual([again?.id, again?.trace], [report?.id, report?.trace]);
    assert.deepEqual(
      (await host.list()).map(({ id, text }) => [id, text]),
      [[report?.id, 'ValueError: not written']],
    );
    assert.equal((await host.files.value('crash', { id: report?.id })).id, report?.id);
    assert.deepEqual(await host.seen(report?.id ?? ''), { seen: 1 });
    assert.deepEqual(await host.list(), []);
    const info = await host.dies('import crash; crash.reset("test")');
    assert.deepEqual([info.reset, await host.list()], ['intended', []]);
  });

  it('that was written and not yet named is completed by the next boot', async () => {
    host = await CrashHost.start('places');
    assert.equal(await host.eval(renaming('machine.reset()')), '');
    host.files.begin(
      'eval',
      {},
      Buffer.from('async def f(): raise ValueError("first")\nasyncio.create_task(f())'),
    );
    const info = await host.boots();
    assert.equal(info.reset, 'unexplained');
    const texts = (await host.list()).map(({ text }) => text);
    assert.deepEqual(texts, ['', 'ValueError: first']);
    const kinds = [await host.report(), await host.report()].map((report) => report?.kind);
    assert.deepEqual(kinds.sort(), ['exception', 'unexplained']);
  });

  it('that comes while another is written is not lost, nor is that', async () => {
    host = await CrashHost.start('places');
    const code = `
import crash, json
class Json:
  loads = json.loads
  def dumps(value):
    Json.dumps = json.dumps
    try: {}["during"]
    except KeyError as e: crash.report(e, "timer")
    return json.dumps(value)
occasional = crash.occasional
def patched(name):
  module = occasional(name)
  if name == "folder": module.json = Json
  return module
crash.occasional = patched`;
    assert.equal(await host.eval(code), '');
    await host.raise('ValueError("first")');
    const reports = [await host.report(), await host.report()];
    const found = reports.map(
      (report) => `${report?.where} ${report?.trace.trimEnd().split('\n').at(-1)}`,
    );
    assert.deepEqual(found.sort(), ['task ValueError: first', 'timer KeyError: during']);
    const texts = (await host.list()).map(({ text }) => text);
    assert.deepEqual(texts, ['KeyError: during', 'ValueError: first']);
    assert.equal((await host.stored()).length, 1);
  });
});

describe('A crash loop', () => {
  let host: CrashHost;

  beforeEach(async () => {
    host = await CrashHost.start('loops', { config: HASTY });
  });

  afterEach(() => host.stop());

  it('of one exception is written once and counted, while no host has seen it', async () => {
    await host.eval(
      'with open("/lib/sysinfo.py", "w") as f: f.write("def start(m, c): raise RuntimeError(1)")\nwith open("/board_config.py", "a") as f: f.write("\\nmodules.append(\\"sysinfo\\")\\n")',
    );
    for (let i = 0; i < 4; i++) await host.dies('import crash; crash.reset("next")');
    const found = (await host.list()).map(({ text, again }) => [text, again]);
    assert.deepEqual(found, [['RuntimeError: 1', 3]]);
    assert.equal((await host.stored()).length, 1);
  });

  it('of which each report was seen is written a bounded number of times, and told all the same', async () => {
    const numbers = new Set<string>();
    for (let i = 0; i < 11; i++) {
      await host.dies('machine.reset()');
      const report = await host.report();
      assert.equal(report?.kind, 'unexplained');
      for (const name of await host.stored()) numbers.add(name.slice(0, 4));
      await host.seen(report?.id ?? '');
      assert.equal(await host.report(), undefined);
    }
    assert.deepEqual(
      [...numbers],
      ['0001', '0002', '0003', '0004', '0005', '0006', '0007', '0008'],
    );
    await host.eval('import crash\ncrash.alive._seconds += 3700');
    await host.raise('ValueError("an hour later")');
    await host.report();
    assert.ok((await host.stored()).some((name) => name.startsWith('0009-')));
    await host.raise('ValueError("and at once again")', 'g');
    await host.report();
    assert.ok(!(await host.stored()).some((name) => name.startsWith('0010-')));
  });
});
