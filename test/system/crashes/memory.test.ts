import assert from 'node:assert/strict';
import { CrashHost } from '../../support/crash-host';

const MODULE = (what: string) => `
import asyncio
hoard = []
async def start(mqtt, config):
    while not mqtt.client.isconnected():
        await asyncio.sleep_ms(100)
    await asyncio.sleep(1)
    await fill()
async def fill():
    ${what}
`;

/** On the unix port, whose heap has an end. */
describe('A MemoryError that nobody catches', () => {
  let host: CrashHost;

  async function start(what: string): Promise<void> {
    host = await CrashHost.start('memory', {
      runtime: 'unix',
      heap: '220k',
      config: 'modules.append("own")\nown = {}',
      files: { 'lib/own.py': MODULE(what) },
    });
  }

  afterEach(() => host.stop());

  it('is reported with everything, and the board goes on, when its task held the memory', async () => {
    await start('x = []\n    while True: x.append(bytearray(500))');
    const report = await host.report();
    assert.match(report?.trace ?? '', /own\.py", line 11, in fill\nMemoryError: .*\n$/);
    assert.match(report?.log.at(-1) ?? '', /ready for commands/);
    assert.equal((await host.stored()).length, 1);
    assert.deepEqual(await host.seen(report?.id ?? ''), { seen: 1 });
  });

  it('is reported, type and place, where the memory stays full', async () => {
    await start('while True: hoard.append(bytearray(200))');
    const report = await host.report();
    assert.equal(report?.kind, 'exception');
    assert.match(report?.trace ?? '', / {2}File .*\nMemoryError/);
  });

  it('is one of many, when a recursion has no end', async () => {
    await start('await fill()');
    const report = await host.report();
    assert.match(report?.trace ?? '', / {2}\.\.\.\n( {2}File .*own\.py.*\n)+\w+Error: .*\n$/);
    assert.equal(await host.eval('1+1'), '2');
  });
});
