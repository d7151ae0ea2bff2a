import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type Authority, createAuthority } from '../../demo/certificates';
import type { VirtualBoard } from '../../simulator';
import { echoServer, JOIN_WIFI, tinyBoard } from './tiny-board';

const DAY = 24 * 60 * 60 * 1000;

/** What the air promises, whatever interpreter uses it. */
export function describeAir(runtime: 'wasm' | 'unix'): void {
  const closing: (() => unknown)[] = [];
  const board = (main: string, options: Parameters<typeof tinyBoard>[1] = {}): VirtualBoard => {
    const made = tinyBoard(JOIN_WIFI + main, { runtime, ...options });
    closing.push(() => made.stop());
    return made;
  };
  const echo = async (...args: Parameters<typeof echoServer>) => {
    const server = await echoServer(...args);
    closing.push(() => server.close());
    return server;
  };

  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  const openAndTalk = (port: number) => `
import socket
s = socket.socket()
s.connect(socket.getaddrinfo("localhost", ${port})[0][-1])
s.write(b"hello")
print(s.read(5))
`;

  it('carries nothing before the board has joined the Wi-Fi', async () => {
    const made = tinyBoard(
      `
import socket
try:
    socket.getaddrinfo("localhost", 1883)
    print("looked up")
except OSError as e:
    print("failed", e.args[0])`,
      { runtime },
    );
    closing.push(() => made.stop());
    await made.start();
    assert.equal(await made.waitForLine(/failed|looked/), 'failed -202');
  });

  it('talks over a blocking socket, and says when the other side refuses', async () => {
    const server = await echo();
    const made = board(`${openAndTalk(server.port)}
s.close()
s = socket.socket()
try:
    s.connect(socket.getaddrinfo("localhost", 1)[0][-1])
    print("open")
except OSError as e:
    print("refused", e.errno)`);
    await made.start();
    assert.equal(await made.waitForLine(/refused|open/), 'refused 111');
    assert.ok(made.lines.includes("b'hello'"));
  });

  it('falls silent in an outage, and passes on what was sent when it is over', async () => {
    const server = await echo();
    const made = board(`${openAndTalk(server.port)}
while wlan.isconnected():
    time.sleep_ms(5)
s.write(b"during")
print("sent")
print(s.read(6))`);
    await made.start();
    await made.waitForLine(/hello/);
    made.network(false);
    await made.waitForLine(/sent/);
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(server.received(), 'hello');
    assert.equal(server.sockets.size, 1);
    made.network(true);
    assert.equal(await made.waitForLine(/during/), "b'during'");
  });

  it('tells the other side nothing when the power is cut', async () => {
    const server = await echo();
    const made = board(openAndTalk(server.port));
    await made.start();
    await made.waitForLine(/hello/);
    await made.powerCut();
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(server.sockets.size, 1);
    const [socket] = server.sockets;
    assert.ok(socket);
    const closed = once(socket, 'close');
    await made.stop();
    await closed;
  });

  it('tells the other side when the program closes its socket', async () => {
    const server = await echo();
    const made = board(`${openAndTalk(server.port)}s.close()`);
    await made.start();
    await made.waitForLine(/^>>> /);
    if (server.sockets.size) await once([...server.sockets][0] as NodeJS.EventEmitter, 'close');
    assert.equal(server.sockets.size, 0);
  });

  it('answers NTP, whatever the server is called', async () => {
    const made = board(
      `
import socket
query = bytearray(48)
query[0] = 0x1b
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(2)
s.sendto(query, socket.getaddrinfo("ntp.invalid", 123)[0][-1])
answer = s.recv(48)
print("ntp", len(answer), int.from_bytes(answer[40:44], "big") - 2208988800)`,
      { clock: 'unset' },
    );
    await made.start();
    const [, size, seconds] = (await made.waitForLine(/^ntp/)).split(' ').map(Number);
    assert.equal(size, 48);
    assert.ok(Math.abs((seconds ?? 0) * 1000 - Date.now()) < 30_000);
  });

  describe('TLS', () => {
    let ca: Authority;
    before(async () => {
      ca = await createAuthority();
    });

    const handshake = (port: number, hostname: string) => `
import asyncio, ssl
async def talk():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=open("/ca.pem", "rb").read())
    stream, _ = await asyncio.open_connection(
        "localhost", ${port}, ssl=context, server_hostname="${hostname}")
    stream.write(b"hello" * 1000)
    await stream.drain()
    return len(await stream.readexactly(5000))
try:
    print("result", asyncio.run(talk()))
except Exception as e:
    print("result", type(e).__name__, e.args[0].strip())
`;
    const result = async (program: string, options: Parameters<typeof tinyBoard>[1] = {}) => {
      const made = board(program, { ca: ca.cert, ...options });
      await made.start();
      return (await made.waitForLine(/^result/)).slice('result '.length);
    };

    it('talks to a server whose certificate is right', async () => {
      const { port } = await echo(await ca.issue({ names: ['localhost'] }));
      assert.equal(await result(handshake(port, 'localhost')), '5000');
    });

    it('says that the authority is another', async () => {
      const other = await createAuthority();
      const { port } = await echo(await other.issue({ names: ['localhost'] }));
      assert.equal(
        await result(handshake(port, 'localhost')),
        'ValueError The certificate is not correctly signed by the trusted CA',
      );
    });

    it('says that the certificate is for another host', async () => {
      const { port } = await echo(await ca.issue({ names: ['localhost'] }));
      assert.equal(
        await result(handshake(port, 'broker.example')),
        'ValueError The certificate Common Name (CN) does not match with the expected CN',
      );
    });

    it('says that the certificate has expired', async () => {
      const [notBefore, notAfter] = [new Date(Date.now() - 9 * DAY), new Date(Date.now() - DAY)];
      const { port } = await echo(await ca.issue({ names: ['localhost'], notBefore, notAfter }));
      assert.equal(
        await result(handshake(port, 'localhost')),
        'ValueError The certificate validity has expired',
      );
    });

    it('trusts nobody while the clock is unset', async () => {
      const { port } = await echo(await ca.issue({ names: ['localhost'] }));
      assert.equal(
        await result(handshake(port, 'localhost'), { clock: 'unset' }),
        'ValueError The certificate validity starts in the future',
      );
    });
  });
}
