import assert from 'node:assert/strict';
import tlsConfig from '@node-red/nodes/core/network/05-tls.js';
import { Broker } from '../../demo/broker';
import { type Authority, createAuthority } from '../../demo/certificates';
import { registerTestRoute } from '../../nodes/mqboard-config/test-route';
import { helper, loadFlow, serverNode } from './support/flow';

interface Answer {
  connected: boolean;
  server?: string;
  code?: string;
  message?: string;
}

describe('The "Test connection" button', () => {
  let authority: Authority;
  let broker: Broker;

  before(async () => {
    authority = await createAuthority();
    const certificate = await authority.issue({ names: ['localhost'] });
    broker = await Broker.start({ certificate, users: { ada: 'secret' } });
  });
  after(() => broker.stop());
  afterEach(() => helper.unload());

  async function test(fields: object): Promise<Answer> {
    const defaults = { id: 'server', host: broker.url, keepalive: '30', protocolVersion: '4' };
    const request = helper.request().post('/mqboard-config/test');
    return (await request.send({ ...defaults, ...fields })).body as Answer;
  }

  /** A server node with a stored password, and a deployed TLS configuration. */
  async function deployed(): Promise<void> {
    const tls = {
      id: 'tls',
      type: 'tls-config',
      cert: '',
      key: '',
      ca: '',
      verifyservercert: true,
    };
    await loadFlow(
      [serverNode(broker.url), tls] as never,
      {
        server: { user: 'ada', password: 'secret' },
        tls: { cadata: authority.cert },
      },
      [tlsConfig],
    );
  }

  it('connects with what the dialog holds, though nothing of it was deployed', async () => {
    await loadFlow([]);
    const answer = await test({ id: 'new', user: 'ada', password: 'secret' });
    assert.deepEqual(answer, { connected: true, server: broker.url });
  });

  it('leaves nobody behind at the broker', async () => {
    await loadFlow([]);
    await test({ id: 'new', user: 'ada', password: 'secret' });
    assert.deepEqual(broker.clients, []);
  });

  it('takes the stored password where the field was not touched', async () => {
    await deployed();
    assert.equal((await test({ user: 'ada' })).connected, true);
    assert.equal((await test({ user: 'ada', password: '__PWRD__' })).connected, true);
  });

  it('takes the new password where there is one, an empty one included', async () => {
    await deployed();
    for (const password of ['guess', '']) {
      const answer = await test({ user: 'ada', password });
      assert.equal(answer.code, 'BAD_CREDENTIALS');
      assert.match(answer.message ?? '', /refused the user name or the password/);
    }
  });

  it('says that nothing listens there', async () => {
    const absent = await Broker.start();
    await absent.stop();
    await loadFlow([]);
    const answer = await test({ host: '127.0.0.1', protocol: 'mqtt', port: `${absent.port}` });
    assert.equal(answer.connected, false);
    assert.equal(answer.code, 'CONNECTION_REFUSED');
  });

  it('says which field cannot be used', async () => {
    await loadFlow([]);
    assert.match((await test({ keepalive: 'often' })).message ?? '', /Keep alive.*often/);
    assert.match((await test({ host: '' })).message ?? '', /No MQTT server/);
  });

  it('fills in environment variables, as a deployed node would', async () => {
    await loadFlow([]);
    process.env.MQBOARD_TEST_PASSWORD = 'secret';
    const password = ['$', '{MQBOARD_TEST_PASSWORD}'].join('');
    assert.equal((await test({ user: 'ada', password })).connected, true);
    delete process.env.MQBOARD_TEST_PASSWORD;
  });

  describe('over TLS', () => {
    const secure = () => ({
      host: 'localhost',
      protocol: 'mqtts',
      port: `${broker.tlsPort}`,
      user: 'ada',
      password: 'secret',
    });

    it('says that the certificate is not trusted, where no authority is given', async () => {
      await loadFlow([]);
      const answer = await test(secure());
      assert.equal(answer.code, 'CERTIFICATE_UNTRUSTED');
    });

    it('says that the certificate bears another name', async () => {
      await deployed();
      const answer = await test({ ...secure(), host: '127.0.0.1', tls: 'tls' });
      assert.equal(answer.code, 'CERTIFICATE_NAME');
    });

    it('uses a deployed TLS configuration', async () => {
      await deployed();
      assert.equal((await test({ ...secure(), tls: 'tls' })).connected, true);
    });

    it('uses one that exists only in the editor', async () => {
      await loadFlow([]);
      const tlsEdited = { verifyservercert: true, credentials: { cadata: authority.cert } };
      assert.equal((await test({ ...secure(), tls: 'new', tlsEdited })).connected, true);
    });

    it('uses what is stored of one of which only another part was changed', async () => {
      await deployed();
      const tlsEdited = { verifyservercert: true, servername: 'localhost' };
      const fields = { ...secure(), host: '127.0.0.1', tls: 'tls', tlsEdited };
      assert.equal((await test(fields)).connected, true);
    });

    it('says that a certificate file is not there', async () => {
      await loadFlow([]);
      const tlsEdited = { verifyservercert: true, ca: '/no/such/file.pem' };
      const answer = await test({ ...secure(), tls: 'new', tlsEdited });
      assert.equal(answer.code, 'BAD_TLS');
      assert.match(answer.message ?? '', /no\/such\/file\.pem/);
    });
  });

  it('is kept from those who may not change the server', () => {
    const permissions: string[] = [];
    const guard = () => undefined;
    const routes: unknown[][] = [];
    registerTestRoute({
      auth: {
        needsPermission: (permission: string) => {
          permissions.push(permission);
          return guard;
        },
      },
      httpAdmin: { post: (...route: unknown[]) => routes.push(route) },
    } as never);
    assert.deepEqual(permissions, ['mqboard-config.write']);
    assert.equal(routes.length, 1);
    assert.equal(routes[0]?.[1], guard, 'the guard stands before the handler');
  });
});
