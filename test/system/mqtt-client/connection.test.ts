import assert from 'node:assert/strict';
import {
  closeAfterEach,
  closeLater,
  event,
  host,
  mosquitto,
  script,
  scriptedBroker,
} from '../../support/client-bench';
import type { ClientScript } from '../../support/client-script';
import { FaultProxy } from '../../support/fault-proxy';

/** A client that does nothing but connect, time and again; `options` are Python's. */
function keepTrying(port: number, options = ''): Promise<ClientScript> {
  return script(
    port,
    `
async def main():
    c = client(clean=False, ${options})
    c.start()
    await asyncio.sleep(30)
asyncio.run(main())
`,
  );
}

describe('A connection', () => {
  closeAfterEach();

  it('that is half open is noticed by a ping, and made again', async () => {
    const broker = await mosquitto();
    const proxy = await FaultProxy.to(broker.port);
    closeLater(() => proxy.stop());
    const running = await script(
      proxy.port,
      `
async def up(connected):
    print("up" if connected else "down", c.connects)
async def main():
    global c
    c = client(wifi_coro=up, keepalive=4)
    await c.connect()
    await asyncio.sleep(30)
asyncio.run(main())
`,
    );
    await running.line(/^up 1/);
    proxy.goSilent();
    await running.line(/no answer to a ping/);
    await running.line(/^up 2/);
  });

  it('is not given up because Python held the loop for longer than response_time', async () => {
    const broker = await mosquitto();
    const running = await script(
      broker.port,
      `
async def main():
    c = client(keepalive=4)
    await c.connect()
    for n in range(2):
        await asyncio.sleep(1.2)
        await c.publish("t", "x", qos=1, sync=False)
        time.sleep(2)
    await c.publish("t", "x", qos=1)
    print("connections", c.connects)
asyncio.run(main())
`,
    );
    assert.equal(await running.line(/^connections/), 'connections 1');
  });

  it('is tried for again after pauses that grow to a limit', async () => {
    const broker = await scriptedBroker();
    await keepTrying(broker.port, 'pause_min=0.1, pause_max=0.4');
    for (let tries = 0; tries < 8; tries += 1) {
      const connection = await broker.connection();
      await connection.next('connect');
      connection.socket.destroy();
    }
    const pauses = broker.times.slice(1).map((time, i) => time - (broker.times[i] ?? 0));
    const [first = 0] = pauses;
    const last = pauses.slice(-3);
    // 0.1 s and 0.4 s, each give or take a quarter, and what the machine adds.
    assert.ok(first >= 70, `first pause ${first} ms`);
    assert.ok(Math.min(...last) >= 280, `last pauses ${last.join()} ms`);
  });

  it('is made within bounds where nobody answers: neither to TCP nor to CONNECT', async () => {
    const broker = await scriptedBroker();
    const running = await keepTrying(broker.port);
    const silent = await broker.connection();
    await running.line(/no answer/);
    await silent.closed();
    await broker.accept();
    await running.line(/mqtt: connected/);
  });

  it('survives a peer that does not speak MQTT', async () => {
    const broker = await scriptedBroker();
    const running = await keepTrying(broker.port);
    for (const garbage of [
      'HTTP/1.1 400 Bad Request\r\n\r\n',
      '\x20\x00',
      '\x30\xff\xff\xff\xff\x7f',
    ]) {
      const peer = await broker.connection();
      peer.socket.removeAllListeners('data');
      peer.socket.resume();
      peer.socket.write(Buffer.from(garbage, 'latin1'));
      await peer.closed();
    }
    await broker.accept();
    await running.line(/mqtt: connected/);
  });
});

describe('The last will', () => {
  closeAfterEach();

  it('is published, retained, when the power is cut, and not after a disconnect', async () => {
    const broker = await mosquitto();
    const listener = await host(broker);
    const states: string[] = [];
    listener.on('message', (_topic, payload) => states.push(payload.toString()));
    await listener.subscribeAsync('status', { qos: 1 });
    const source = (end: string) => `
async def main():
    c = client(clean=False)
    c.set_last_will("status", "offline", True, 1)
    await c.connect()
    await c.publish("status", "online", retain=True, qos=1)
    ${end}
    print("ended")
    await asyncio.sleep(30)
asyncio.run(main())
`;
    const first = await script(broker.port, source('await c.disconnect()'));
    await first.line(/^ended/);
    await first.kill();
    const second = await script(broker.port, source('pass'));
    await second.line(/^ended/);
    await second.kill();
    while (states.length < 3) await event(listener, 'message');
    assert.deepEqual(states, ['online', 'online', 'offline']);
    const late = await host(broker);
    const message = new Promise((resolve) => {
      late.on('message', (_topic, payload, { retain }) => resolve([String(payload), retain]));
    });
    await late.subscribeAsync('status');
    assert.deepEqual(await message, ['offline', true]);
  });
});
