import assert from 'node:assert/strict';
import { closeAfterEach, script, scriptedBroker } from '../../support/client-bench';

describe('Receiving', () => {
  closeAfterEach();

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
