import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectAsync, type MqttClient } from 'mqtt';
import { ClientScript } from '../support/client-script';
import { type Mosquitto, startMosquitto } from '../support/mosquitto';
import { ScriptedBroker, type ScriptedConnection } from '../support/scripted-broker';
import { TcpProxy } from '../support/tcp-proxy';

/** What the test opened; closed after it, the last first. */
const opened: (() => Promise<unknown> | unknown)[] = [];

afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

async function scriptedBroker(): Promise<ScriptedBroker> {
  const broker = await ScriptedBroker.start();
  opened.push(() => broker.stop());
  return broker;
}

async function mosquitto(configLines: string[] = []): Promise<Mosquitto> {
  const broker = await startMosquitto({ configLines });
  opened.push(() => broker.stop());
  return broker;
}

async function script(port: number, source: string): Promise<ClientScript> {
  const running = await ClientScript.run(port, source);
  opened.push(() => running.stop());
  return running;
}

async function host(broker: Mosquitto): Promise<MqttClient> {
  const client = await connectAsync(broker.url, { reconnectPeriod: 100 });
  opened.push(() => client.endAsync(true));
  return client;
}

function event(client: MqttClient, name: 'message' | 'connect'): Promise<void> {
  return new Promise((resolve) => client.once(name, () => resolve()));
}

/** Takes n publishes of a connection and returns what identifies each. */
async function publishes(connection: ScriptedConnection, n: number) {
  const taken: { id: number; text: string; dup: boolean }[] = [];
  while (taken.length < n) {
    const { messageId, payload, dup } = await connection.next('publish');
    taken.push({ id: messageId ?? 0, text: payload.toString(), dup });
  }
  return taken;
}

describe('A publish at QoS 1', () => {
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
    opened.push(() => first.socket.destroy());
    await broker.accept({ sessionPresent: true });
    await running.line(/takes no data/);
  });
});

describe('Receiving', () => {
  it('hands over str-like bytes, retained flag, QoS and DUP, and survives a callback that fails', async () => {
    const broker = await scriptedBroker();
    const running = await script(
      broker.port,
      `
def callback(topic, msg, retained, qos, dup):
    print("got", type(topic).__name__, type(msg).__name__, topic, msg, retained, qos, dup)
    if msg == b"bad":
        raise RuntimeError("callback's own")
async def main():
    c = client(clean=False, subs_cb=callback)
    await c.connect()
    await asyncio.sleep(20)
asyncio.run(main())
`,
    );
    const connection = await broker.accept();
    connection.send({
      cmd: 'publish',
      topic: 'a',
      payload: 'bad',
      qos: 0,
      dup: false,
      retain: true,
    });
    connection.send({
      ...{ cmd: 'publish', topic: 'b/c', payload: 'good', qos: 1, dup: true, retain: false },
      messageId: 258,
    } as const);
    assert.equal((await connection.next('puback')).messageId, 258);
    await running.line(/^got bytes bytes b'a' b'bad' True 0 False/);
    await running.line(/^got bytes bytes b'b\/c' b'good' False 1 True/);
    await running.line(/RuntimeError: callback's own/);
    assert.equal(connection.socket.destroyed, false);
  });

  it('skips a message beyond the limit, says so, acknowledges it, and goes on with the next', async () => {
    const broker = await scriptedBroker();
    const running = await script(
      broker.port,
      `
async def main():
    c = client(clean=False, max_payload=100, skip_cb=lambda topic, size: print("skip", topic, size))
    await c.connect()
    await asyncio.sleep(20)
asyncio.run(main())
`,
    );
    const connection = await broker.accept();
    const sizes = [100, 101, 700, 5000, 300_000, 99];
    for (const [i, size] of sizes.entries()) {
      connection.send({
        ...{ cmd: 'publish', topic: 'big', payload: Buffer.alloc(size), dup: false, retain: false },
        ...{ qos: 1, messageId: i + 1 },
      } as const);
    }
    for (const i of sizes.keys()) {
      assert.equal((await connection.next('puback')).messageId, i + 1);
    }
    await running.line(/^message big 99 /);
    const heard = running.lines.map((line) => /^(skip|message)\D+(\d+)/.exec(line)?.slice(1));
    assert.deepEqual(
      heard.filter((words) => words !== undefined),
      sizes.map((size) => [size > 100 ? 'skip' : 'message', String(size)]),
    );
    await running.line(/skipped a message of 5000 bytes/);
  });

  it('reads packets that come in pieces, byte by byte', async () => {
    const broker = await scriptedBroker();
    const running = await script(
      broker.port,
      `
async def main():
    c = client(clean=False, max_payload=300)
    await c.connect()
    await asyncio.sleep(20)
asyncio.run(main())
`,
    );
    const connection = await broker.accept();
    connection.socket.setNoDelay(true);
    const packet = Buffer.concat([
      Buffer.from([0x32, 0xca, 0x01, 0, 3]),
      Buffer.from('a/b'),
      Buffer.from([0, 7]),
      Buffer.alloc(195, 'x'),
    ]);
    for (const byte of packet) {
      connection.socket.write(Buffer.from([byte]));
      await new Promise(setImmediate);
    }
    assert.equal((await connection.next('puback')).messageId, 7);
    await running.line(/^message a\/b 195 b'x+' new qos1 first/);
  });
});

describe('A session', () => {
  it('that the broker lost is subscribed again', async () => {
    const broker = await mosquitto();
    const running = await script(
      broker.port,
      `
async def up(connected):
    print("up" if connected else "down", c.connects)
async def main():
    global c
    c = client(wifi_coro=up)
    await c.connect()
    await c.subscribe("in/#", 1)
    await c.subscribe("other", 0)
    print("subscribed")
    await asyncio.sleep(30)
asyncio.run(main())
`,
    );
    await running.line(/^subscribed/);
    await broker.restart();
    await running.line(/^up 2/);
    const sender = await host(broker);
    await sender.publishAsync('in/x', 'one', { qos: 1 });
    await sender.publishAsync('other', 'two', { qos: 1 });
    await running.line(/^message in\/x 3 b'one' new qos1/);
    await running.line(/^message other 3 b'two' new qos0/);
  });

  it('that the broker kept is not: nothing but the publishes is sent', async () => {
    const broker = await scriptedBroker();
    await script(
      broker.port,
      `
async def main():
    c = client(clean=False)
    c.start()
    await c.subscribe("in/#", 1)
    while True:
        await asyncio.sleep(0.1)
        await c.publish("t", "x")
asyncio.run(main())
`,
    );
    const first = await broker.accept();
    const { messageId = 0 } = await first.next('subscribe');
    first.send({ cmd: 'suback', messageId, granted: [1] });
    await first.next('publish');
    first.socket.destroy();
    const second = await broker.accept({ sessionPresent: true });
    await second.next('publish');
    second.socket.destroy();
    const third = await broker.accept({ sessionPresent: false });
    const again = await third.next('subscribe');
    assert.equal(again.subscriptions[0]?.topic, 'in/#');
    assert.equal(again.subscriptions[0]?.qos, 1);
  });

  it('starts empty with clean, and else with what the broker kept', async () => {
    const broker = await mosquitto();
    const source = (clean: boolean) => `
async def main():
    c = client(clean=${clean ? 'True' : 'False'})
    await c.connect()
    print("connected")
    await c.subscribe("kept", 1)
    print("subscribed")
    await asyncio.sleep(30)
asyncio.run(main())
`;
    const sender = await host(broker);
    for (const [clean, text] of [
      [false, 'first'],
      [true, 'second'],
    ] as const) {
      const before = await script(broker.port, source(false));
      await before.line(/^subscribed/);
      await before.kill();
      await sender.publishAsync('kept', text, { qos: 1 });
      const after = await script(broker.port, source(clean));
      await after.line(/^subscribed/);
      await sender.publishAsync('kept', `${text} end`, { qos: 1 });
      await after.line(new RegExp(`${text} end`));
      const kept = after.lines.some((line) => line.includes(`b'${text}'`));
      assert.equal(kept, !clean, after.lines.join('\n'));
      await after.kill();
    }
  });

  it('outlives a short outage even when it began with clean', async () => {
    const broker = await mosquitto();
    const proxy = await TcpProxy.to(broker.port);
    opened.push(() => proxy.stop());
    const running = await script(
      proxy.port,
      `
async def main():
    c = client(clean=True, pause_min=0.5)
    await c.connect()
    await c.subscribe("kept", 1)
    print("subscribed")
    await asyncio.sleep(30)
asyncio.run(main())
`,
    );
    const sender = await host(broker);
    await running.line(/^subscribed/);
    proxy.cut();
    await running.line(/connection closed by the broker|connection lost/);
    await sender.publishAsync('kept', 'meanwhile', { qos: 1 });
    await running.line(/^message kept 9 b'meanwhile'/);
  });
});

describe('A connection', () => {
  it('that is half open is noticed by a ping, and made again', async () => {
    const broker = await mosquitto();
    const proxy = await TcpProxy.to(broker.port);
    opened.push(() => proxy.stop());
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
    await script(
      broker.port,
      `
async def main():
    c = client(clean=False, pause_min=0.1, pause_max=0.4)
    c.start()
    await asyncio.sleep(30)
asyncio.run(main())
`,
    );
    for (let tries = 0; tries < 7; tries += 1) {
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
    const running = await script(
      broker.port,
      `
async def main():
    c = client(clean=False)
    c.start()
    await asyncio.sleep(30)
asyncio.run(main())
`,
    );
    const silent = await broker.connection();
    await running.line(/no answer/);
    await silent.closed();
    await broker.accept();
    await running.line(/mqtt: connected/);
  });

  it('survives a peer that does not speak MQTT', async () => {
    const broker = await scriptedBroker();
    const running = await script(
      broker.port,
      `
async def main():
    c = client(clean=False)
    c.start()
    await asyncio.sleep(30)
asyncio.run(main())
`,
    );
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

describe('A subscription', () => {
  it('that the broker refuses is an error', async () => {
    const broker = await scriptedBroker();
    const running = await script(
      broker.port,
      `
async def main():
    c = client(clean=False)
    await c.connect()
    try:
        await c.subscribe("secret/#", 1)
    except OSError as e:
        print("error:", e)
    await asyncio.sleep(30)
asyncio.run(main())
`,
    );
    const connection = await broker.accept();
    const { messageId = 0 } = await connection.next('subscribe');
    connection.send({ cmd: 'suback', messageId, granted: [128] });
    await running.line(/^error: broker refused the subscription to secret\/#/);
  });
});

describe('The module mqtt', () => {
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
