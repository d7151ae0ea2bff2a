import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type Authority, createAuthority, type Pair } from '../../../demo/certificates';
import { closeAfterEach, closeLater, mosquitto, script } from '../../support/client-bench';
import type { ClientScript } from '../../support/client-script';
import { freePort } from '../../support/mosquitto';

/** A client with these options, in Python, that prints how it fares. */
function client(port: number, options: string, before = ''): Promise<ClientScript> {
  return script(
    port,
    `
${before}
async def main():
    try:
        c = client(${options})
    except ValueError as e:
        print("mistake:", e)
        return
    c.start()
    while not c.isconnected():
        await asyncio.sleep_ms(10)
    print("arrived", c.tls)
    await asyncio.sleep(30)
asyncio.run(main())
`,
  );
}

describe('The MQTT client says why it cannot connect', () => {
  closeAfterEach();

  let authority: Authority;
  let stranger: Authority;
  let certificate: Pair;

  before(async () => {
    authority = await createAuthority();
    stranger = await createAuthority();
    certificate = await authority.issue({ names: ['localhost', '127.0.0.1'] });
  });

  const pem = (text: string) => JSON.stringify(text);
  const trusting = (ca: Authority, server = 'localhost') =>
    `server="${server}", ssl_params={"ca": ${pem(ca.cert)}}`;

  it('and goes on trying until it can: broker refused user name or password', async () => {
    const broker = await mosquitto({ passwords: { board: 'right' } });
    const wrong = await client(broker.port, 'user="board", password="wrong"');
    const refused = /refused user name or password/;
    await wrong.line(refused);
    const seen = wrong.lines.length;
    while (!wrong.lines.slice(seen).some((line) => refused.test(line))) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const right = await client(broker.port, 'user="board", password="right"');
    await right.line(/^arrived None/);
  });

  it('less and less often where it is always the same, until it was connected', async () => {
    const port = await freePort();
    const running = await client(port, 'pause_max=0.02, pause_min=0.01');
    const failure = /no broker listens there/;
    const failures = () => running.lines.filter((line) => failure.test(line));
    await running.line(/\(32 times by now\)/);
    assert.equal(failures().length, 6);
    const attempts = running.lines.filter((line) => /connecting to/.test(line));
    assert.ok(attempts.length <= 7, `${attempts.length} attempts were told`);
    const broker = await mosquitto({ port });
    await running.line(/^arrived/);
    const before = failures().length;
    await broker.kill();
    while (failures().length === before) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.doesNotMatch(failures().at(-1) ?? '', /time\)/);
  });

  it('certificate of an authority that is not trusted', async () => {
    const broker = await mosquitto({ tls: certificate });
    const running = await client(broker.port, trusting(stranger));
    await running.line(/broker certificate not trusted: not signed by the configured CA/);
  });

  it('certificate expired', async () => {
    const day = 86_400_000;
    const expired = await authority.issue({
      names: ['localhost'],
      notBefore: new Date(Date.now() - 2 * day),
      notAfter: new Date(Date.now() - day),
    });
    const broker = await mosquitto({ tls: expired });
    const running = await client(broker.port, trusting(authority));
    await running.line(/broker certificate expired/);
  });

  it('certificate for another host name', async () => {
    const other = await authority.issue({ names: ['other.example'] });
    const broker = await mosquitto({ tls: other });
    const running = await client(broker.port, trusting(authority));
    await running.line(/broker certificate does not match host name localhost/);
  });

  it('client certificate missing; and with one it connects', async () => {
    const own = await authority.issue({ names: ['board'], client: true });
    const broker = await mosquitto({ tls: { ...certificate, ca: authority.cert } });
    const without = await client(broker.port, trusting(authority));
    await without.line(/it may want a client certificate/);
    const params = `"ca": ${pem(authority.cert)}, "cert": ${pem(own.cert)}, "key": ${pem(own.key)}`;
    const running = await client(broker.port, `server="localhost", ssl_params={${params}}`);
    await running.line(/^arrived verified/);
  });

  it('host that cannot be resolved', async () => {
    const running = await client(1883, 'server="broker.invalid"');
    await running.line(/cannot resolve host broker\.invalid/);
  });

  it('no broker on that port', async () => {
    const running = await client(await freePort(), '');
    await running.line(/connection refused: no broker listens there/);
  });

  it('TLS wanted by one side only', async () => {
    const plain = await mosquitto({});
    const one = await client(plain.port, trusting(authority));
    await one.line(/connection closed by the broker before it answered \(no TLS on that port\?\)/);
    const secure = await mosquitto({ tls: certificate });
    const other = await client(secure.port, 'ssl_params=None');
    await other.line(
      /connection closed by the broker before it answered \(does that port want TLS\?\)/,
    );
  });

  it('and warns at each connection that verifies nothing', async () => {
    const broker = await mosquitto({ tls: certificate });
    const running = await client(broker.port, 'ssl_params={}');
    await running.line(/certificate is NOT verified/);
    await running.line(/^arrived unverified/);
  });

  it('and connects where everything is right, by name and by address', async () => {
    const broker = await mosquitto({ tls: certificate });
    for (const server of ['localhost', '127.0.0.1']) {
      const running = await client(broker.port, trusting(authority, server));
      await running.line(/^arrived verified/);
    }
  });

  for (const [options, expected] of [
    ['server=None', "option 'server' must be a host name or address, not None"],
    ['port="1883"', "option 'port' must be a whole number from 0 to 65535, not '1883'"],
    ['keepalive=0', "option 'keepalive' must be a whole number from 4 to 65535, not 0"],
    ['response_time=-1', "option 'response_time' must be seconds above 0, not -1"],
    ['will=("a", "b")', "option 'will' must be (topic, message, retain, qos), not ('a', 'b')"],
    ['ssl_params="ca.pem"', "option 'ssl_params' must be a dict or None, not 'ca.pem'"],
    ['subs_cb=5', "option 'subs_cb' must be a function, not 5"],
  ]) {
    it(`mistake in the options: ${options}`, async () => {
      const running = await client(1883, options ?? '');
      assert.equal(await running.line(/^mistake/), `mistake: ${expected}`);
    });
  }

  it('file of the certificate missing, or no certificate', async () => {
    const missing = await client(1883, 'ssl_params={"ca": "/no/such.pem"}');
    await missing.line(/ssl_params\['ca'\]: there is no file \/no\/such\.pem/);
    const empty = await client(1883, 'ssl_params={"ca": b"-----BEGIN nonsense"}');
    await empty.line(/ssl_params\['ca'\] is not a certificate/);
  });
});

describe('The clock', () => {
  closeAfterEach();

  it('is set over NTP, from an answer that comes at the second try', async () => {
    const server = createSocket('udp4').bind(0, '127.0.0.1');
    await once(server, 'listening');
    closeLater(() => server.close());
    let asked = 0;
    server.on('message', (query, peer) => {
      asked += 1;
      if (asked < 2 || query.length !== 48) return;
      const answer = Buffer.alloc(48);
      answer[0] = 0x24;
      answer[1] = 2;
      query.copy(answer, 24, 40, 48);
      for (const at of [32, 40]) {
        answer.writeUInt32BE(Date.UTC(2026, 6, 9, 12, 34, 56) / 1000 + 2_208_988_800, at);
      }
      server.send(answer, peer.port, peer.address);
    });
    const running = await script(
      server.address().port,
      `
class Machine:
    class RTC:
        def datetime(self, moment):
            print("set to", moment)
sys.modules["machine"] = Machine
from mqtt_async import ntp
from mqtt_async.link import log
asyncio.run(ntp.set_clock({"ntp_host": "127.0.0.1:%d" % PORT}, log))
`,
    );
    await running.line(/^set to \(2026, 7, 9, 3, 12, 34, 5[56], /);
    assert.equal(asked, 2);
  });
});
