import assert from 'node:assert/strict';
import { CrashHost } from '../support/crash-host';

describe('An exception that nobody catches', () => {
  let host: CrashHost;

  beforeEach(async () => {
    host = await CrashHost.start('crashes');
  });

  afterEach(() => host.stop());

  it('is reported, retained, until a host has said that it has it', async () => {
    await host.raise('ValueError("too hot")');
    const report = await host.report();
    assert.ok(report);
    assert.equal(report.kind, 'exception');
    assert.equal(report.where, 'task');
    assert.match(
      report.trace,
      /^Traceback .*\n.*\n {2}File "<eval>", line 1, in f\nValueError: too hot\n$/,
    );
    assert.match(report.log.at(-1) ?? '', /^I .*#[0-9a-f]{3}\.\d+~ +mqrepl: ready for commands/);
    assert.equal(report.id, `${host.files.boot.toString(16)}.1`);
    for (const key of ['up', 'time', 'free', 'boots']) assert.ok(Number(report[key]) >= 0, key);
    assert.equal(report.fw, '0.1.0');
    assert.equal(report.restarted, undefined);

    const [listed, ...others] = await host.list();
    assert.ok(listed);
    assert.deepEqual(
      [listed.id, listed.text, listed.seen],
      [report.id, 'ValueError: too hot', false],
    );
    assert.deepEqual([listed.trace, listed.log, others.length], [undefined, undefined, 0]);
    assert.deepEqual(await host.files.value('crash', { id: report.id }), report);

    assert.deepEqual(await host.seen(report.id), { seen: 1 });
    assert.equal(await host.report(), undefined);
    assert.equal((await host.list())[0]?.seen, true);
    assert.deepEqual(await host.stored(), [`0001-${report.id}-seen`]);
  });

  it('is counted when it comes again, without a write of the flash or a flood of messages', async () => {
    const published: string[] = [];
    host.files.raw.client.on('message', (topic, payload) => {
      if (/\/crash\//.test(topic)) published.push(payload.toString());
    });
    await host.raise('ValueError(1)');
    const first = await host.report();
    for (let i = 2; i < 12; i++) await host.raise(`ValueError(${i})`);
    await host.eval('await asyncio.sleep(2.2)');
    assert.equal(published.length, 1);
    assert.equal((await host.stored()).length, 1);
    assert.deepEqual(
      (await host.list()).map(({ again }) => again),
      [10],
    );
    await host.eval('import crash\ncrash.alive._seconds += 61');
    const again = await host.report();
    assert.deepEqual([again?.id, again?.again, again?.trace], [first?.id, 10, first?.trace]);
    assert.equal(published.length, 2);
  });

  it('is another one when its place or its type differs', async () => {
    await host.raise('ValueError(1)');
    await host.raise('KeyError(1)');
    await host.raise('ValueError(1)', 'g');
    const texts = [];
    for (let i = 0; i < 3; i++) texts.push((await host.report())?.trace.split('\n').slice(-3));
    assert.deepEqual(
      texts.map((lines) => lines?.[1]),
      ['ValueError: 1', 'KeyError: 1', 'ValueError: 1'],
    );
    assert.equal((await host.stored()).length, 3);
  });

  it('leaves room for three others in the flash; the oldest that was seen goes first', async () => {
    const ids: string[] = [];
    for (const [i, name] of ['a', 'b', 'c', 'd', 'e', 'g'].entries()) {
      await host.raise('ValueError', name);
      const report = await host.report();
      ids.push(report?.id ?? '');
      if (i !== 1) continue;
      await host.seen(report?.id ?? '');
      await host.report();
    }
    const kept = (await host.list()).map(({ id }) => id);
    assert.deepEqual(kept, [ids[5], ids[4], ids[3], ids[2]]);
  });

  it('has its traceback cut in the middle, and its text at the end, where they are long', async () => {
    await host.eval(`
import asyncio
def deeper(n): return deeper(n - 1) if n else "".join(1 / 0 for _ in range(1))
async def deep(): deeper(60)
async def wordy(): raise ValueError("ä" * 5000)
class Rude(Exception):
  def __str__(self): raise KeyError(1)
  __repr__ = __str__
async def rude(): raise Rude()
for f in deep, wordy, rude: asyncio.create_task(f())
await asyncio.sleep_ms(5)`);
    const deep = await host.report();
    assert.ok(deep);
    assert.match(
      deep.trace,
      /^Traceback .*\n( {2}File .*\n)+ {2}\.\.\.\n( {2}File .*\n)+ZeroDivisionError: /,
    );
    const wordy = await host.report();
    assert.ok(wordy);
    assert.match(wordy.trace, /\nValueError: ä+/);
    const rude = await host.report();
    assert.match(rude?.trace ?? '', /\nRude/);
    for (const { trace } of [deep, wordy]) assert.ok(Buffer.byteLength(trace) <= 1024);
  });

  it('is reported with at most 3 KiB, whatever was logged before', async () => {
    await host.eval('log.info("\\x01" * 900)\nlog.info("\\u20ac\\"" * 200)');
    await host.raise('ValueError("\\x02" * 300)');
    const report = await host.report();
    assert.ok(report);
    assert.ok(Buffer.byteLength(JSON.stringify(report)) <= 3072);
  });
});

describe('The command crash', () => {
  let host: CrashHost;

  before(async () => {
    host = await CrashHost.start('crashes');
  });

  after(() => host.stop());

  it('knows no report where there was no crash', async () => {
    assert.deepEqual(await host.files.value('crash', {}), { crashes: [] });
    assert.equal(await host.files.failure('crash', { id: '1f.1' }), 'missing');
    assert.deepEqual(await host.stored(), []);
  });

  it('clears the topic of a report that the board no longer has', async () => {
    const topic = 'crashes/mqb/crash/1f.1';
    await host.files.raw.client.publishAsync(topic, '{"id": "1f.1"}', { qos: 1, retain: true });
    assert.equal((await host.report())?.id, '1f.1');
    assert.deepEqual(await host.seen('1f.1'), { seen: 0 });
    assert.equal(await host.report(), undefined);
  });

  for (const seen of ['1f.1', [7], ['../x'], ['a'.repeat(30)], { id: 1 }]) {
    it(`refuses ${JSON.stringify(seen)} as what was seen`, async () => {
      assert.equal(await host.files.failure('crash', { seen }), 'bad');
    });
  }
});
