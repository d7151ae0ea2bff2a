import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  closeAfterEach,
  closeLater,
  event,
  host,
  mosquitto,
  publishes,
  script,
  scriptedBroker,
} from '../../support/client-bench';

describe('A publish at QoS 1', () => {
  closeAfterEach();

  it('is sent again under its packet id when the connection breaks before the PUBACK', async () => {
    const broker = await scriptedBroker();
    const running = await script(
      broker.port,
      `
async def main():
    c = client(clean=False)
    c.start()
    for n in range(3):
        await c.publish("t", "number %d" % n, qos=1, sync=False)
    await c.publish("t", "last", qos=1)
    print("acknowledged")
asyncio.run(main())
`,
    );
    const first = await broker.accept();
    const sent = await publishes(first, 4);
    first.socket.destroy();
    const second = await broker.accept({ sessionPresent: true });
    const again = await publishes(second, 4);
    assert.deepEqual(
      again,
      sent.map((message) => ({ ...message, dup: true })),
    );
    for (const { id } of again) second.send({ cmd: 'puback', messageId: id });
    await running.line(/^acknowledged/);
    assert.deepEqual(
      sent.map(({ dup, text }) => [dup, text]),
      ['number 0', 'number 1', 'number 2', 'last'].map((text) => [false, text]),
    );
  });

  it('is sent again on a new connection when the broker answers pings but not the publish', async () => {
    const broker = await scriptedBroker();
    const running = await script(
      broker.port,
      `
async def main():
    c = client(clean=False)
    c.start()
    await c.publish("t", "hello", qos=1)
    print("acknowledged")
asyncio.run(main())
`,
    );
    const first = await broker.accept();
    const [sent] = await publishes(first, 1);
    await first.closed();
    const second = await broker.accept({ sessionPresent: true });
    const [again] = await publishes(second, 1);
    assert.deepEqual(again, { ...sent, dup: true });
    second.send({ cmd: 'puback', messageId: again?.id ?? 0 });
    await running.line(/^acknowledged/);
    await running.line(/no acknowledgement of a publish/);
  });

  it('waits while as many as configured are in flight, and copies a buffer that may change', async () => {
    const broker = await scriptedBroker();
    const running = await script(
      broker.port,
      `
async def main():
    c = client(clean=False, inflight=3, response_time=20)
    c.start()
    buffer = bytearray(1)
    for n in range(5):
        buffer[0] = 48 + n
        await c.publish("t", buffer, qos=1, sync=False)
        print("taken", n)
    await c.publish("t", "end", qos=0)
    await asyncio.sleep(20)
asyncio.run(main())
`,
    );
    const connection = await broker.accept();
    const sent = await publishes(connection, 3);
    await running.line(/^taken 2/);
    connection.send({ cmd: 'puback', messageId: sent[0]?.id ?? 0 });
    sent.push(...(await publishes(connection, 1)));
    assert.ok(!running.lines.includes('taken 4'));
    connection.send({ cmd: 'puback', messageId: sent[1]?.id ?? 0 });
    sent.push(...(await publishes(connection, 1)));
    await running.line(/^taken 4/);
    assert.equal(sent.map(({ text }) => text).join(''), '01234');
  });

  it('arrives, and in order, however often the broker is killed meanwhile', async () => {
    const broker = await mosquitto();
    const running = await script(
      broker.port,
      `
async def main():
    c = client()
    c.start()
    for n in range(300):
        await c.publish("count", str(n), qos=1, sync=False)
        await asyncio.sleep_ms(5)
    await c.publish("count", "300", qos=1)
    print("all acknowledged")
asyncio.run(main())
`,
    );
    const listener = await host(broker);
    const numbers: number[] = [];
    listener.on('message', (_topic, payload) => numbers.push(Number(payload)));
    await listener.subscribeAsync('count', { qos: 1 });
    for (let kills = 0; kills < 2; kills += 1) {
      const seen = numbers.length;
      while (numbers.length < seen + 20) await event(listener, 'message');
      await broker.kill();
      await broker.restart();
      await event(listener, 'connect');
    }
    await running.line(/^all acknowledged/);
    while (!numbers.includes(300)) await event(listener, 'message');
    const firsts = numbers.filter((n, i) => numbers.indexOf(n) === i);
    assert.deepEqual(
      firsts,
      [...firsts].sort((a, b) => a - b),
    );
    // What the killed broker had acknowledged to the board, and not delivered yet, died with it.
    assert.ok(firsts.length > 250, `${firsts.length} of 301 arrived`);
  });

  it('whose caller is cancelled still gets its packet id acknowledged', async () => {
    const broker = await scriptedBroker();
    await script(
      broker.port,
      `
async def main():
    c = client(clean=False, response_time=20)
    await c.connect()
    buffer = bytearray(b"mine")
    try:
        await asyncio.wait_for(c.publish("t", buffer, qos=1), 0.2)
    except asyncio.TimeoutError:
        buffer[:] = b"else"
        await c.publish("t", "cancelled", qos=0)
    await asyncio.sleep(20)
asyncio.run(main())
`,
    );
    const first = await broker.accept();
    const [sent] = await publishes(first, 1);
    assert.equal((await publishes(first, 1))[0]?.text, 'cancelled');
    first.socket.destroy();
    const second = await broker.accept({ sessionPresent: true });
    assert.deepEqual(await publishes(second, 1), [{ ...sent, dup: true }]);
  });
});

describe('Publishing', () => {
  closeAfterEach();

  it('carries payloads larger than all buffers, at both levels of service, unharmed', async () => {
    const broker = await mosquitto();
    const listener = await host(broker);
    await listener.subscribeAsync('big/#', { qos: 1 });
    const received = new Map<string, Buffer>();
    listener.on('message', (topic, payload) => received.set(topic, payload));
    const running = await script(
      broker.port,
      `
async def main():
    c = client()
    await c.connect()
    data = bytes(range(251)) * 4000
    async def small():
        for n in range(50):
            await c.publish("big/small", str(n), qos=n % 2)
    task = asyncio.create_task(small())
    await c.publish("big/0", data, qos=0)
    await c.publish("big/1", memoryview(data)[1:], qos=1)
    await task
    print("done")
asyncio.run(main())
`,
    );
    await running.line(/^done/);
    while (!received.has('big/0') || !received.has('big/1')) await event(listener, 'message');
    const data = Buffer.alloc(251 * 4000, Buffer.from(Array.from({ length: 251 }, (_, i) => i)));
    assert.ok(received.get('big/0')?.equals(data));
    assert.ok(received.get('big/1')?.equals(data.subarray(1)));
  });

  it('goes on, whole and in order, while Python holds the loop (publish_now)', async () => {
    const broker = await mosquitto();
    const listener = await host(broker);
    const texts: string[] = [];
    listener.on('message', (_topic, payload) => texts.push(`${payload.length} ${payload[0]}`));
    await listener.subscribeAsync('now', { qos: 0 });
    const running = await script(
      broker.port,
      `
def hold():
    try:
        os.stat(FOLDER + "/go")
    except OSError:
        return True
async def main():
    c = client()
    await c.connect()
    asyncio.create_task(c.publish("now", b"A" * 300000))
    await asyncio.sleep(0)
    print("now", c.publish_now("now", b"B" * 1000), c.publish_now("now", "C"))
    while hold():
        time.sleep_ms(10)
    print("larger than the buffer", c.publish_now("now", bytes(5000)))
    await c.disconnect()
    print("not connected", c.publish_now("now", "D"))
asyncio.run(main())
`,
    );
    while (texts.length < 3) await event(listener, 'message');
    assert.deepEqual(texts, ['300000 65', '1000 66', '1 67']);
    writeFileSync(join(running.folder, 'go'), '');
    await running.line(/^now True True/);
    await running.line(/^larger than the buffer False/);
    await running.line(/^not connected False/);
  });

  it('gives up a link that takes no data within response_time (publish_now)', async () => {
    const broker = await scriptedBroker();
    const running = await script(
      broker.port,
      `
async def main():
    c = client(clean=False)
    await c.connect()
    n = 0
    while c.publish_now("now", bytes(2000)):
        n += 1
    print("gave up", n > 10, c.isconnected())
    await asyncio.sleep(20)
asyncio.run(main())
`,
    );
    const first = await broker.accept();
    first.socket.pause();
    await running.line(/^gave up True False/);
    closeLater(() => first.socket.destroy());
    await broker.accept({ sessionPresent: true });
    await running.line(/takes no data/);
  });
});
