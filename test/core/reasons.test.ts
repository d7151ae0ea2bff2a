import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { generate } from 'selfsigned';
import { type ConnectionOptions, parseBrokerUrl, testConnection } from '../../core/index';
import { inWords } from '../../core/link/reasons';
import type { Broker } from '../../demo/broker';
import { type Authority, type CertificateRequest, createAuthority } from '../../demo/certificates';
import { errorOf, Workbench } from './support';

const HOUR = 3_600_000;

describe('What is wrong with a connection', () => {
  const bench = new Workbench();
  let authority: Authority;
  before(async () => {
    authority = await createAuthority();
  });
  afterEach(() => bench.clear());

  async function brokerWith(request: Partial<CertificateRequest> = {}): Promise<Broker> {
    const certificate = await authority.issue({ names: ['localhost', '127.0.0.1'], ...request });
    return bench.broker({ certificate });
  }

  async function expect(options: ConnectionOptions, code: string, words: RegExp): Promise<void> {
    const error = await errorOf(testConnection(options));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, words);
  }

  const ours = () => ({ ca: authority.cert });

  it('is nothing when the certificate is trusted', async () => {
    const { tlsUrl } = await brokerWith();
    await testConnection({ url: tlsUrl, tls: ours() });
  });

  it('is told: the authority is not known', async () => {
    const { tlsUrl } = await brokerWith();
    const words = /certificate .* not trusted.*authority/;
    await expect({ url: tlsUrl }, 'CERTIFICATE_UNTRUSTED', words);
    const other = await createAuthority();
    await expect({ url: tlsUrl, tls: { ca: other.cert } }, 'CERTIFICATE_UNTRUSTED', words);
  });

  it('is told: the certificate is self-signed', async () => {
    const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }]);
    const certificate = { cert, key };
    const { tlsUrl } = await bench.broker({ certificate });
    await expect({ url: tlsUrl }, 'CERTIFICATE_SELF_SIGNED', /self-signed/);
  });

  it('is told: the certificate has expired, or is not valid yet', async () => {
    const past = [new Date(Date.now() - 48 * HOUR), new Date(Date.now() - HOUR)] as const;
    const expired = await brokerWith({ notBefore: past[0], notAfter: past[1] });
    await expect({ url: expired.tlsUrl, tls: ours() }, 'CERTIFICATE_EXPIRED', /has expired/);
    const early = await brokerWith({ notBefore: new Date(Date.now() + HOUR) });
    await expect({ url: early.tlsUrl, tls: ours() }, 'CERTIFICATE_NOT_YET_VALID', /not valid yet/);
  });

  it('is told: the certificate is for another host', async () => {
    const { tlsUrl } = await brokerWith({ names: ['elsewhere.example'] });
    await expect({ url: tlsUrl, tls: ours() }, 'CERTIFICATE_NAME', /elsewhere\.example/);
    await testConnection({ url: tlsUrl, tls: { ...ours(), servername: 'elsewhere.example' } });
  });

  it('is nothing when any certificate is trusted, which has to be asked for', async () => {
    const { tlsUrl } = await brokerWith({ names: ['elsewhere.example'] });
    await testConnection({ url: tlsUrl, tls: { rejectUnauthorized: false } });
  });

  it('is told: the broker wants a client certificate', async () => {
    const certificate = await authority.issue({ names: ['127.0.0.1'] });
    const broker = await bench.broker({ certificate, clientCa: authority.cert });
    const words = /client certificate/;
    await expect({ url: broker.tlsUrl, tls: ours() }, 'CERTIFICATE_WANTED', words);
    const own = await authority.issue({ names: ['host'], client: true });
    await testConnection({ url: broker.tlsUrl, tls: { ...ours(), ...own } });
  });

  it('is told: TLS is not spoken there, or nothing but TLS', async () => {
    const broker = await brokerWith();
    await expect({ url: `mqtts://127.0.0.1:${broker.port}` }, 'CLOSED_EARLY', /Is that a TLS port/);
    await expect({ url: `mqtt://127.0.0.1:${broker.tlsPort}` }, 'CLOSED_EARLY', /Is it a TLS port/);
  });

  it('is told: what is there answers, but not in TLS', async () => {
    const mail = createServer((socket) => socket.resume().end('220 mail.example ESMTP\r\n'));
    bench.keep(mail.listen(0, '127.0.0.1'), () => mail.close());
    await once(mail, 'listening');
    const { port } = mail.address() as { port: number };
    await expect({ url: `mqtts://127.0.0.1:${port}` }, 'NOT_TLS', /does not speak TLS/);
  });

  it('is told: nothing listens there', async () => {
    await expect({ url: 'mqtt://127.0.0.1:1' }, 'CONNECTION_REFUSED', /refuses the connection/);
    await expect({ url: 'ws://127.0.0.1:1' }, 'CONNECTION_REFUSED', /refuses the connection/);
  });

  it('is told: the host is unknown', () => {
    const address = parseBrokerUrl('mqtt://nowhere.invalid');
    const error = inWords(Object.assign(new Error(), { code: 'ENOTFOUND' }), address);
    assert.equal(error.code, 'HOST_UNKNOWN');
    assert.match(error.message, /"nowhere\.invalid" is unknown/);
  });

  it('is told: no answer comes', async () => {
    const silent = createServer((socket) => socket.resume()).listen(0, '127.0.0.1');
    bench.keep(silent, () => silent.close());
    await once(silent, 'listening');
    const { port } = silent.address() as { port: number };
    const options = { url: `mqtt://127.0.0.1:${port}`, connectTimeoutMs: 100 };
    await expect(options, 'CONNECT_TIMEOUT', /did not answer within 0\.1 s/);
  });

  it('is told: it is a web server, without MQTT at that path', async () => {
    const web = createHttpServer((_request, response) => response.writeHead(404).end());
    bench.keep(web, () => web.close());
    web.listen(0, '127.0.0.1');
    await once(web, 'listening');
    const { port } = web.address() as { port: number };
    await expect({ url: `ws://127.0.0.1:${port}/x` }, 'NO_MQTT_HERE', /no MQTT.*HTTP 404/);
  });

  it('is told: MQTT 5 is not spoken there', async () => {
    const { url } = await bench.broker();
    await expect({ url, protocolVersion: 5 }, 'BAD_PROTOCOL_VERSION', /Choose MQTT 3\.1\.1/);
  });

  it('is told: wrong password', async () => {
    const { url } = await bench.broker({ users: { ada: 'secret' } });
    const words = /user name or the password/;
    await expect({ url, username: 'ada', password: 'x' }, 'BAD_CREDENTIALS', words);
    await testConnection({ url, username: 'ada', password: 'secret' });
    await testConnection({ url: url.replace('://', '://ada:secret@') });
  });

  it('is told in fewer than 20 characters, too, and never without a word', () => {
    const address = parseBrokerUrl('mqtts://host');
    const codes = [1, 2, 3, 4, 5, 128, 132, 133, 134, 135, 136, 137, 138, 159];
    const named = ['EHOSTUNREACH', 'EPROTO', 'ECONNRESET', 'ETIMEDOUT', 'EAI_AGAIN', 'OTHER'];
    for (const code of [...codes, ...named]) {
      const { badge, message } = inWords(Object.assign(new Error('because'), { code }), address);
      assert.ok(badge.length > 0 && badge.length < 20, badge);
      assert.match(message, /^[A-Z].*([.)?]|because)$/);
    }
  });
});

describe('The URL of a broker', () => {
  it('brings the usual port of its protocol, and credentials', () => {
    assert.deepEqual(parseBrokerUrl('mqtts://a:p%40ss@[::1]'), {
      protocol: 'mqtts',
      secure: true,
      host: '::1',
      port: 8883,
      path: '/',
      username: 'a',
      password: 'p@ss',
    });
    assert.equal(parseBrokerUrl('wss://host/mqtt?x=1').path, '/mqtt?x=1');
    assert.equal(parseBrokerUrl('tcp://host').protocol, 'mqtt');
  });

  for (const url of ['', 'host', 'host:1883', 'http://host', 'mqtt://', 'mqtt://a b']) {
    it(`is not ${JSON.stringify(url)}`, () => {
      assert.throws(() => parseBrokerUrl(url), { code: 'BAD_URL' });
    });
  }
});
