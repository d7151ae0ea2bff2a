import assert from 'node:assert/strict';
import { RawHost } from '../support/raw-host';

const PREFIX = 'vital/board';

describe('The module sysinfo', () => {
  let host: RawHost;

  afterEach(() => host.stop());

  async function start(config: string): Promise<void> {
    host = await RawHost.start(PREFIX, { config });
    await host.client.subscribeAsync(`${PREFIX}/#`);
  }

  const signs = async (topic = `${PREFIX}/sysinfo`) => {
    const message = await host.message((found) => found.topic === topic);
    return JSON.parse(message.payload.toString());
  };

  it('tells how the board is doing, below its prefix', async () => {
    await start('sysinfo = {"interval": 0.05}');
    const said = await signs();
    const { up, free, cont_free, mqtt_conn, boot, boots, mode, fs_total, fs_free } = said;
    assert.ok(up >= 0 && up < 60);
    assert.ok(cont_free > 0 && cont_free <= free && cont_free <= 32768);
    assert.deepEqual([mqtt_conn, boots, mode], [1, 1, 'normal']);
    assert.ok(boot > 0 && fs_total > fs_free && fs_free > 0);
    assert.deepEqual([said.idf_free, said.idf_largest, said.idf_lowest], [30084, 26624, 20000]);
    assert.deepEqual([said.rssi, said.ip, said.temp], [-55, '192.168.4.2', 53.3]);
    assert.ok(said.log_said > 3);
    assert.equal(said.log_lost, 0);
  });

  it('tells how long the loop was held, once', async () => {
    await start('sysinfo = {"interval": 0.1, "topic": "elsewhere"}');
    await host.client.subscribeAsync('elsewhere');
    await signs('elsewhere');
    host.client.publish(
      `${PREFIX}/mqb/cmd/eval/12345678/`,
      Buffer.from('\x80\0time.sleep_ms(300)', 'latin1'),
    );
    let held = 0;
    while (held < 250) held = (await signs('elsewhere')).loop_ms;
    assert.ok(held < 1000);
    await signs('elsewhere');
    assert.ok((await signs('elsewhere')).loop_ms < 250);
  });

  it('is late, and not much later, where the ticks wrapped during an outage', async () => {
    await start('sysinfo = {"interval": 0.2}');
    await signs();
    const source = `import sysinfo
mqtt.client.isconnected = lambda: False
await asyncio.sleep_ms(300)
sysinfo._said = time.ticks_add(time.ticks_ms(), 400000000)
await asyncio.sleep_ms(50)
del mqtt.client.isconnected`;
    host.client.publish(
      `${PREFIX}/mqb/cmd/eval/12345678/`,
      Buffer.from(`\x80\0${source}`, 'latin1'),
    );
    await host.message(({ topic }) => topic.includes('/reply/'));
    await signs();
  });

  it('changes its interval at run time, to none as well', async () => {
    await start('sysinfo = {"interval": 3600}');
    const set = (payload: string) =>
      host.client.publishAsync(`${PREFIX}/mqb/set/sysinfo`, payload, { qos: 1 });
    await set('{"interval": 0.02}');
    await signs();
    await signs();
    await set('{"interval": 0}');
    await host.message(({ payload }) =>
      /setting sysinfo: {"interval": 0}/.test(payload.toString()),
    );
    await assert.rejects(host.message(({ topic }) => topic === `${PREFIX}/sysinfo`, 300));
  });
});
