import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { createWebSocketStream, WebSocketServer } from 'ws';
import { testConnection } from '../../core/index';
import { createAuthority } from '../../demo/certificates';
import { errorOf, Workbench } from './support';

describe('A connection by WebSocket', () => {
  const bench = new Workbench();
  afterEach(() => bench.clear());

  /** A broker that is reached through this web server; returns the port. */
  async function serve(server: Server): Promise<number> {
    const { aedes } = await bench.broker();
    const sockets = new WebSocketServer({ server, path: '/mqtt' });
    sockets.on('connection', (socket) => aedes.handle(createWebSocketStream(socket)));
    server.listen(0, '127.0.0.1');
    bench.keep(server, () => {
      for (const socket of sockets.clients) socket.terminate();
      server.close();
    });
    await once(server, 'listening');
    return (server.address() as { port: number }).port;
  }

  it('carries messages', async () => {
    const port = await serve(createServer());
    const connection = await bench.connected(`ws://127.0.0.1:${port}/mqtt`);
    const got = new Promise<string>((resolve, reject) => {
      connection
        .subscribe('a', ({ payload }) => resolve(String(payload)))
        .then(() => connection.publish('a', 'x'))
        .catch(reject);
    });
    assert.equal(await got, 'x');
  });

  it('verifies the certificate, by the name that is asked for', async () => {
    const authority = await createAuthority();
    const port = await serve(
      createSecureServer(await authority.issue({ names: ['broker.example'] })),
    );
    const url = `wss://127.0.0.1:${port}/mqtt`;
    const tls = { ca: authority.cert };
    await testConnection({ url, tls: { ...tls, servername: 'broker.example' } });
    assert.equal((await errorOf(testConnection({ url, tls }))).code, 'CERTIFICATE_NAME');
    assert.equal((await errorOf(testConnection({ url }))).code, 'CERTIFICATE_UNTRUSTED');
  });
});
