import assert from 'node:assert/strict';
import { closeAfterEach, host, mosquitto, script } from '../../support/client-bench';

describe('The module mqtt', () => {
  closeAfterEach();

  it('serves modules in the order they registered, and one that fails harms no other', async () => {
    const broker = await mosquitto();
    const running = await script(
      broker.port,
      `
import mqtt
from mqtt import MQTT
async def init(name):
    await MQTT.client.subscribe("in", 1)
    print("init", name)
    if name == "bad":
        raise RuntimeError("a module's own")
async def changed(connected):
    print("changed", connected)
def seen(topic, msg, retained, qos, dup):
    print("seen", type(msg).__name__, bytes(msg))
    if msg == b"bad":
        raise RuntimeError("a callback's own")
async def main():
    for name in ("one", "bad", "two"):
        MQTT.on_init(init(name))
    MQTT.on_mqtt(changed)
    MQTT.on_msg(seen, view=True)
    MQTT.on_msg(seen)
    MQTT.on_skip(lambda topic, size: print("skipped", topic, size))
    mqtt.start(MQTT, {"server": "127.0.0.1", "port": PORT, "client_id": "m", "dhcp_hostname": "n"})
    await asyncio.sleep(30)
asyncio.run(main())
`,
    );
    await running.line(/^init two/);
    const sender = await host(broker);
    await sender.publishAsync('in', 'bad', { qos: 1 });
    await sender.publishAsync('in', Buffer.alloc(5000), { qos: 1 });
    await sender.publishAsync('in', 'good', { qos: 1 });
    await running.line(/^seen bytes b'good'/);
    const said = running.lines.filter((line) => /^(init|seen|changed|skipped)/.test(line));
    assert.deepEqual(said, [
      ...['changed True', 'init one', 'init bad', 'init two'],
      ...["seen memoryview b'bad'", "seen bytes b'bad'", "skipped b'in' 5000"],
      ...["seen memoryview b'good'", "seen bytes b'good'"],
    ]);
  });
});
