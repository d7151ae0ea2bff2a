import assert from 'node:assert/strict';
import { RawHost } from '../support/raw-host';

const PREFIX = 'clock/board';

describe('The module sntp', () => {
  let host: RawHost;

  afterEach(() => host.stop());

  const start = async (sntp: object, clock: 'unset' | 'host' = 'unset', files = {}) => {
    host = await RawHost.start(PREFIX, {
      clock,
      files,
      config: `sntp = ${JSON.stringify(sntp)}`,
    });
    await host.client.subscribeAsync(`${PREFIX}/#`);
  };
  const line = (pattern: RegExp) => host.board.waitForLine(pattern);
  const info = async (wanted: (info: { time?: number; zone?: number }) => boolean) => {
    const message = await host.message(
      ({ topic, payload }) =>
        topic === `${PREFIX}/mqb/info` && wanted(JSON.parse(payload.toString())),
    );
    return JSON.parse(message.payload.toString());
  };
  const minuteOfDay = (time: string) => {
    const [hours, minutes] = time.split(':').map(Number);
    return (hours ?? 0) * 60 + (minutes ?? 0);
  };

  it('sets an unset clock after the first connection, and says so in the birth message', async () => {
    await start({ offset: 330 });
    const said = await info(({ time }) => time !== undefined);
    assert.equal(said.zone, 330);
    assert.ok(Math.abs(said.time - Date.now() / 1000) < 10);
    const [, time] = (await line(/clock set: \d{4}-/)).split(' ');
    const now = new Date();
    const local = (now.getUTCHours() * 60 + now.getUTCMinutes() + 330) % 1440;
    const off = Math.abs(minuteOfDay(time ?? '') - local);
    assert.ok(Math.min(off, 1440 - off) <= 1, `${time} is not 5:30 ahead`);
  });

  it('follows a rule, by the original’s name of it, too', async () => {
    await start({ zone: 'XYZ-3' }, 'host');
    assert.equal((await info(() => true)).zone, 180);
  });

  it('follows a rule also after the clock was set back', async () => {
    await start({}, 'host');
    const script = `import sntp
from mqtt_async import ntp
now = [4070908800000]
ntp, sntp.ntp = ntp, type("Ntp", (), {"now": staticmethod(lambda: now[0])})
zone = sntp.Zone(0, "CET-1CEST,M3.5.0,M10.5.0/3")
minutes = [sntp.log_lines.zone]
now[0] = 1783000000000
for stepped in (False, True):
    zone.renew(stepped)
    minutes.append(sntp.log_lines.zone)
sntp.log_lines.zone = 0
sntp.ntp = ntp
print(minutes)`;
    host.client.publish(
      `${PREFIX}/mqb/cmd/eval/12345678/`,
      Buffer.from(`\x80\0${script}`, 'latin1'),
    );
    const { payload } = await host.message(({ topic }) => topic.includes('/reply/'));
    assert.equal(payload.toString('utf8', 2), '[60, 60, 120]\n');
  });

  it('goes on in UTC with a rule that makes no sense', async () => {
    await start({ tz: 'nonsense' }, 'host');
    assert.equal((await info(() => true)).zone ?? 0, 0);
    await line(/E .*sntp: sntp.tz: expected/);
  });

  it('leaves a clock alone that is in step, and moves one that is not', async () => {
    await start({}, 'host', {
      '/lib/hurry.py': `
from mqtt_async import ntp
steps = []
was = ntp.step
async def step(ms):
    steps.append(ms)
    await was(ms)
ntp.step = step`,
    });
    const run = (source: string) =>
      host.client.publishAsync(
        `${PREFIX}/mqb/cmd/eval/12345678/`,
        Buffer.from(`\x80\0${source}`, 'latin1'),
      );
    const reply = async () => {
      const { payload } = await host.message(({ topic }) => topic.includes('/reply/out/'));
      return payload.toString('utf8', 2);
    };
    await run(
      'import hurry, sntp; asyncio.create_task(sntp._keep(mqtt.client, "pool.ntp.org", 0.05, sntp.Zone(0, None)))',
    );
    await reply();
    await run('await asyncio.sleep(0.5); print(hurry.steps)');
    assert.equal(await reply(), '[]\n');
    await run('from mqtt_async import ntp; await hurry.was(-5000)');
    await reply();
    // Half of it twice, where an answer was awaited meanwhile.
    await line(/W .*sntp: clock moved by (24|25|49|50)\d\d ms/);
    await run('abs(ntp.now() // 1000)');
    assert.ok(Math.abs(Number(await reply()) - Date.now() / 1000) < 3);
  });
});
