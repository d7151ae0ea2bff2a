import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tlsNode from '@node-red/nodes/core/network/05-tls.js';
import { testConnection } from '../../core/index';
import { createAuthority, type Pair } from '../../demo/certificates';
import { mqboard } from '../cli/support';
import { errorOf, Workbench } from '../core/support';
import {
  connected,
  evalNode,
  helper,
  loadFlow,
  next,
  node,
  serverNode,
  status,
  surroundings,
} from '../nodes/support/flow';
import { freePort, listening, startMosquitto } from '../support/mosquitto';
import { ScriptedBoard } from '../support/scripted-board';

const PREFIX = 'shed';
const bench = new Workbench();
afterEach(() => bench.clear());

for (const protocolVersion of [4, 5] as const) {
  describe(`A connection by MQTT ${protocolVersion === 5 ? '5' : '3.1.1'} to mosquitto`, () => {
    it('carries commands', async () => {
      const { url } = bench.keep(await startMosquitto(), (broker) => broker.stop());
      await bench.scripted(url, PREFIX);
      const connection = await bench.connected(url, { protocolVersion });
      assert.equal((await bench.board(connection, PREFIX).eval('45+876')).value, 921);
    });

    it('says that the password is wrong', async () => {
      const passwords = { user: 'right' };
      const { url } = bench.keep(await startMosquitto({ passwords }), (broker) => broker.stop());
      const signOn = (password: string) =>
        testConnection({ url, protocolVersion, username: 'user', password });
      await signOn('right');
      // mosquitto answers "not authorised" to a wrong password, too.
      assert.match((await errorOf(signOn('wrong'))).message, /Check user name, password/);
    });

    it('says that another client has taken its client id', async () => {
      const { url } = bench.keep(await startMosquitto(), (broker) => broker.stop());
      const same = { protocolVersion, clientId: 'same' };
      const mine = await bench.connected(url, same);
      const told = new Promise<string>((resolve) => {
        mine.on('disconnected', ({ error }) => {
          if (error.code === 'CLIENT_ID_TAKEN') resolve(error.message);
        });
      });
      await bench.connected(url, same);
      assert.match(await told, /another client uses the client id "same"/);
    });
  });
}

describe('Secure WebSockets to mosquitto, with a client certificate,', () => {
  let url: string;
  let server: Pair;
  let files: { ca: string; cert: string; key: string };

  beforeEach(async () => {
    const authority = await createAuthority();
    server = await authority.issue({ names: ['localhost'] });
    const plain = await freePort();
    const broker = await startMosquitto({
      tls: { ...server, ca: authority.cert },
      configLines: ['protocol websockets', `listener ${plain} 127.0.0.1`],
    });
    bench.keep(broker, () => broker.stop());
    await listening(plain);
    bench.keep(await ScriptedBoard.start(`mqtt://127.0.0.1:${plain}`, PREFIX), (board) =>
      board.stop(),
    );
    url = `wss://localhost:${broker.port}/mqtt`;
    const own = await authority.issue({ names: ['client'], client: true });
    const folder = mkdtempSync(join(tmpdir(), 'mqboard-certificates-'));
    bench.keep(folder, () => rmSync(folder, { recursive: true }));
    const file = (name: string, text: string) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    files = {
      ca: file('ca.pem', authority.cert),
      cert: file('cert.pem', own.cert),
      key: file('key.pem', own.key),
    };
  });

  it('serve the nodes, by MQTT 5 and files that a tls-config names', async () => {
    bench.keep(helper, () => helper.unload());
    const flow = [
      ...surroundings(),
      { id: 'tls', type: 'tls-config', ...files, verifyservercert: true },
      serverNode(url, { tls: 'tls', protocolVersion: '5' }),
      evalNode(),
    ];
    await loadFlow(flow as never, {}, [tlsNode]);
    await status('eval', connected);
    const answer = next('out');
    node('eval').receive({});
    assert.equal((await answer).payload, 921);
  });

  it('are told when the certificate is none for a client', async () => {
    const tls = { ca: readFileSync(files.ca), ...server };
    assert.match(
      (await errorOf(testConnection({ url, tls }))).message,
      /refused our TLS client cert/,
    );
  });

  it('serve the command line, and are told when the certificate is missing', async () => {
    const { ca, cert, key } = files;
    const broker = ['eval', '1', '--prefix', PREFIX, '--url', url, '--ca', ca];
    const { stdout } = await mqboard([...broker, '--cert', cert, '--key', key]).finished;
    assert.equal(stdout, '921\n');
    const refused = await mqboard(broker).finished;
    assert.equal(refused.code, 3);
    assert.match(refused.stderr, /wants one and got none/);
  });
});
