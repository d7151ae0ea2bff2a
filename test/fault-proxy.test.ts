import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { FaultProxy } from './support/fault-proxy';
import { seeded } from './support/random-faults';

describe('The fault proxy that tests put between a client and its broker', () => {
  let server: Server;
  let proxy: FaultProxy;
  let far: Promise<Socket>;
  let near: Socket;

  beforeEach(async () => {
    server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    far = once(server, 'connection').then(([socket]) => socket.on('error', () => {}));
    proxy = await FaultProxy.to((server.address() as AddressInfo).port);
    near = connect(proxy.port, '127.0.0.1').on('error', () => {});
    await Promise.all([far, once(near, 'connect')]);
  });
  afterEach(async () => {
    near.destroy();
    (await far).destroy();
    await proxy.stop();
    server.close();
  });

  /** What arrives until there are so many bytes, or the connection is over. */
  async function received(socket: Socket, bytes: number): Promise<Buffer> {
    const chunks: Buffer[] = [];
    for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
      chunks.push(chunk);
      if (chunks.reduce((sum, { length }) => sum + length, 0) >= bytes) break;
    }
    return Buffer.concat(chunks);
  }

  const timed = async (work: Promise<unknown>) => {
    const begun = performance.now();
    await work;
    return performance.now() - begun;
  };

  it('carries every byte in order while it is healthy, the end of the stream, too', async () => {
    const sent = randomBytes(3_000_000);
    near.end(sent);
    assert.ok((await received(await far, Number.POSITIVE_INFINITY)).equals(sent));
  });

  it('delays in the direction that it is told to', async () => {
    proxy.delay(150, ['up']);
    near.write('up');
    assert.ok((await timed(received(await far, 2))) >= 145);
    (await far).write('down');
    assert.ok((await timed(received(near, 4))) < 100);
  });

  it('narrows the link, to small packets as well, and loses nothing', async () => {
    proxy.throttle(100_000);
    const sent = randomBytes(30_000);
    for (let at = 0; at < sent.length; at += 300) near.write(sent.subarray(at, at + 300));
    const socket = await far;
    const arrived = received(socket, sent.length);
    const milliseconds = await timed(arrived);
    assert.ok((await arrived).equals(sent));
    assert.ok(milliseconds > 250 && milliseconds < 900, `${milliseconds} ms`);
  });

  it('breaks the connection after exactly so many bytes', async () => {
    proxy.cutAfter(1234);
    const broken = new Promise((resolve) => near.once('close', resolve));
    near.write(randomBytes(5000));
    assert.equal((await received(await far, 5000).catch(() => Buffer.alloc(0))).length, 1234);
    await broken;
    assert.equal(proxy.cuts, 1);
  });

  it('falls silent without an end, and carries a new connection', async () => {
    proxy.goSilent();
    near.write('lost');
    let heard = false;
    (await far).once('data', () => {
      heard = true;
    });
    const welcomed = once(server, 'connection');
    const second = connect(proxy.port, '127.0.0.1');
    const [other] = await welcomed;
    second.write('heard');
    assert.equal((await received(other, 5)).toString(), 'heard');
    assert.equal(heard, false);
    second.destroy();
    other.destroy();
  });

  it('refuses new connections until it is healthy again', async () => {
    proxy.refuse();
    const refused = connect(proxy.port, '127.0.0.1').on('error', () => {});
    await new Promise((resolve) => refused.once('close', resolve));
    proxy.restore();
    const welcomed = once(server, 'connection');
    const second = connect(proxy.port, '127.0.0.1');
    const [other] = await welcomed;
    second.destroy();
    other.destroy();
  });

  it('draws the same faults for the same seed', () => {
    const draw = (seed: number) => Array.from({ length: 5 }, seeded(seed));
    assert.deepEqual(draw(7), draw(7));
    assert.notDeepEqual(draw(7), draw(8));
  });
});
