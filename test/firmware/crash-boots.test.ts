import assert from 'node:assert/strict';
import { CrashHost } from '../support/crash-host';

describe('A boot after the end of another', () => {
  let host: CrashHost;

  beforeEach(async () => {
    host = await CrashHost.start('boots');
  });

  afterEach(() => host.stop());

  const lines = (pattern: RegExp) => host.board.lines.filter((line) => pattern.test(line));

  it('knows of a first power-on that there is nothing to know', async () => {
    const facts =
      'import crash\n[crash.facts.get(k) for k in ("reset", "reason", "last", "boots")]';
    await host.eval(facts);
    assert.equal(await host.eval(facts.split('\n')[1] ?? ''), "['power', None, None, 1]");
    assert.deepEqual(await host.list(), []);
  });

  it('knows why it was reset, by whoever noted it before', async () => {
    const { boot } = host.files;
    const info = await host.dies('import crash; crash.reset("new settings")');
    assert.deepEqual([info.cause, info.reset, info.reason], ['HARD', 'intended', 'new settings']);
    assert.equal((info.last as { boot: number }).boot, boot);
    assert.equal(
      lines(/^I .* main: the last boot ended after \d s: intended \(new settings\)/).length,
      1,
    );
    const second = await host.dies('import crash; crash.note("by hand"); machine.reset()');
    assert.deepEqual([second.reset, second.reason], ['intended', 'by hand']);
    const third = await host.dies(
      'import crash; crash.note("no"); crash.note(None); machine.reset()',
    );
    assert.deepEqual([third.reset, third.reason], ['unexplained', undefined]);
  });

  it('believes in a noted reset for a minute only', async () => {
    await host.eval('import crash\ncrash.note("soon")\ncrash.alive._seconds += 61');
    await host.eval('while crash.alive.state: await asyncio.sleep_ms(20)');
    const info = await host.dies('machine.reset()');
    assert.equal(info.reset, 'unexplained');
  });

  it('reports a reset that nobody explains, with what the board did and had said', async () => {
    await host.eval('log.info("heard of last")');
    const info = await host.dies('log.warning("about to"); machine.reset()');
    assert.deepEqual([info.cause, info.reset], ['HARD', 'unexplained']);
    const report = await host.report();
    assert.ok(report);
    assert.deepEqual([report.kind, report.restarted, report.boots], ['unexplained', true, 1]);
    assert.equal(report.doing, 'eval log.warning("about to"); machine.reset()');
    assert.match(report.log.at(-2) ?? '', /^I .*#[0-9a-f]{3}\.\d+ +eval: heard of last$/);
    assert.match(report.log.at(-1) ?? '', /^W .*#[0-9a-f]{3}\.\d+ +eval: about to$/);
    assert.equal(report.trace, undefined);
    const last = info.last as { said: number; boot: number };
    assert.equal(report.id, `${last.boot.toString(16)}.1`);
    assert.match(report.log.at(-1) ?? '', new RegExp(`\\.${last.said} `));
    assert.equal(lines(/^W .* main: the last boot ended after \d+ s: unexplained/).length, 1);
    assert.deepEqual(await host.seen(report.id), { seen: 1 });
    assert.equal(await host.report(), undefined);
  });

  it('knows that the watchdog bit, and reports the hang', async () => {
    const info = await host.dies('w = machine.WDT(timeout=300)\nwhile True: pass');
    assert.deepEqual([info.cause, info.reset], ['WDT', 'hang']);
    const report = await host.report();
    assert.deepEqual([report?.kind, report?.restarted], ['hang', true]);
    assert.equal(report?.doing, 'eval w = machine.WDT(timeout=300) while True: pass');
    const [listed] = await host.list();
    assert.deepEqual([listed?.id, listed?.seen, listed?.text], [report?.id, false, '']);
  });

  it('knows from NVS, roughly, how long the last one ran before the power went', async () => {
    const { boot } = host.files;
    await host.eval('import crash\ncrash.alive._seconds += 700');
    await host.eval('await asyncio.sleep(6)');
    await host.board.powerCut();
    await host.board.start();
    const info = await host.boots();
    const last = info.last as { boot: number; up: number; rough: boolean };
    assert.deepEqual([info.reset, last.boot, last.rough, info.boots], ['power', boot, true, 2]);
    assert.ok(last.up >= 700);
    assert.equal(lines(/^W .* main: the last boot ended after 70\d s or more: power/).length, 1);
    assert.deepEqual(await host.list(), []);
  });

  it('tells a soft reset and a deep sleep apart', async () => {
    const soft = await host.dies('import sys\nasync def f(): sys.exit()\nasyncio.create_task(f())');
    assert.deepEqual([soft.reset, soft.cause], ['soft', 'SOFT']);
    const sleep = await host.dies('machine.deepsleep(50)');
    assert.deepEqual([sleep.reset, sleep.cause], ['sleep', 'DEEPSLEEP']);
    assert.deepEqual(await host.list(), []);
  });

  it("leaves RTC memory alone that holds somebody else's data, and notes in NVS", async () => {
    await host.eval('machine.RTC().memory(b"mine")');
    await host.eval('log.info("a line")');
    const info = await host.dies('import crash; crash.reset("kept")');
    assert.deepEqual([info.reset, info.reason], ['intended', 'kept']);
    assert.equal((info.last as { rough: boolean }).rough, true);
    assert.equal(await host.eval('machine.RTC().memory()'), "b'mine'");
  });
});

describe('A board without RTC memory and NVS', () => {
  const BOOT = `import sys, machine
machine.RTC = None
class Other: pass
sys.modules["esp32"] = Other
sys.path.append("/lib")`;
  let host: CrashHost;

  beforeEach(async () => {
    host = await CrashHost.start('plain', { files: { 'boot.py': BOOT } });
  });

  afterEach(() => host.stop());

  it('keeps the reason of a reset in a file, once', async () => {
    const info = await host.dies('import crash; crash.reset("in a file")');
    assert.deepEqual([info.reset, info.reason], ['intended', 'in a file']);
    assert.deepEqual([info.last, info.boots], [undefined, undefined]);
    assert.deepEqual(await host.stored(), []);
    const next = await host.dies('machine.reset()');
    assert.deepEqual([next.reset, next.reason], ['unexplained', undefined]);
    assert.deepEqual(await host.list(), []);
  });

  it('reports exceptions all the same', async () => {
    await host.raise('ValueError("told")');
    const report = await host.report();
    assert.match(report?.trace ?? '', /ValueError: told/);
    await host.dies('import crash; crash.reset("x")');
    assert.equal((await host.report())?.id, report?.id);
    assert.equal((await host.list()).length, 1);
  });
});
