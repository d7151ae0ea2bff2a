import assert from 'node:assert/strict';
import { once } from 'node:events';
import tlsNode from '@node-red/nodes/core/network/05-tls.js';
import helper from 'node-red-node-test-helper';
import { type Authority, createAuthority } from '../../demo/certificates';
import configNode from '../../nodes/mqboard-config/mqboard-config';
import evalNode from '../../nodes/mqboard-eval/mqboard-eval';
import { VirtualBoard } from '../../simulator/index';
import { type Mosquitto, startMosquitto } from '../support/mosquitto';

const YEAR = 365 * 24 * 3600 * 1000;
const USER = 'boards';
const PASSWORD = 'a secret of theirs';

interface Case {
  what: string;
  names: string[];
  notAfter?: Date;
  strangerCa?: boolean;
  password?: string;
  /** What the board's console says. */
  board: RegExp;
  /** What Node-RED's log says. */
  node: RegExp;
}

const cases: Case[] = [
  {
    what: 'a certificate of another authority',
    names: ['localhost'],
    strangerCa: true,
    board: /not trusted/,
    node: /is not trusted/,
  },
  {
    what: 'an expired certificate',
    names: ['localhost'],
    notAfter: new Date(Date.now() - 60_000),
    board: /expired/,
    node: /has expired/,
  },
  {
    what: 'a certificate for another host',
    names: ['broker.example.org'],
    board: /host name/,
    node: /made out for another host/,
  },
  {
    what: 'a wrong password',
    names: ['localhost'],
    password: 'not the secret',
    board: /refused user name or password|does not allow/,
    node: /refused the user name or the password|does not allow/,
  },
];

describe('A broker that cannot be trusted, or does not trust', () => {
  let authority: Authority;
  let stranger: Authority;
  let broker: Mosquitto | undefined;
  let board: VirtualBoard | undefined;

  before(async () => {
    [authority, stranger] = await Promise.all([createAuthority(), createAuthority()]);
    await helper.startServer();
  });

  afterEach(async () => {
    await helper.unload();
    await board?.stop();
    await broker?.stop();
    board = undefined;
    broker = undefined;
  });

  after(() => helper.stopServer());

  for (const { what, names, notAfter, strangerCa, password = PASSWORD, ...says } of cases) {
    const given = () => (strangerCa ? stranger : authority).cert;

    const startBroker = async () => {
      const certificate = await authority.issue({
        names,
        notBefore: new Date(Date.now() - YEAR),
        ...(notAfter && { notAfter }),
      });
      broker = await startMosquitto({ tls: certificate, passwords: { [USER]: PASSWORD } });
      return broker.port;
    };

    it(`with ${what} is named by the board, which goes on trying, less and less often`, async () => {
      const url = `mqtts://localhost:${await startBroker()}`;
      board = new VirtualBoard({
        ...{ url, ca: given(), user: USER, password },
        ...{ prefix: 'trust/board', runtime: 'unix' },
      });
      const times: number[] = [];
      const enough = new Promise<void>((resolve) => {
        board?.on('line', (line) => {
          if (!says.board.test(line)) return;
          times.push(performance.now());
          if (times.length === 3) resolve();
        });
      });
      await board.start();
      await enough;
      // It says so the first, the second and the fourth time.
      const [first = 0, second = 0, fourth = 0] = times;
      const pauses = [second - first, (fourth - second) / 2] as const;
      assert.ok(pauses[1] > pauses[0], `pauses of ${pauses.map(Math.round)} ms`);
    });

    it(`with ${what} is named by the node, in its log and below it`, async () => {
      const port = String(await startBroker());
      const server = { host: 'localhost', protocol: 'mqtts', port, tls: 'ca' };
      const flow = [
        { id: 'tab', type: 'tab' },
        { id: 'server', type: 'mqboard-config', ...server },
        { id: 'ca', type: 'tls-config', cert: '', key: '', ca: '', verifyservercert: true },
        { id: 'eval', z: 'tab', type: 'mqboard-eval', server: 'server', wires: [[]] },
      ];
      await helper.load([tlsNode, configNode, evalNode] as never, flow, {
        server: { user: USER, password },
        ca: { cadata: given() },
      });
      const node = helper.getNode('eval');
      const status = await untilStatus(node, (text) => !/connecting/.test(text));
      assert.equal(status.shape, 'ring');
      assert.ok(status.text.length < 20, status.text);
      const logged = helper.log().args.flat() as { level: number; msg?: unknown }[];
      const warnings = logged.filter(({ level }) => level === 30).map(({ msg }) => String(msg));
      assert.match(warnings.join('\n'), says.node);
    });
  }
});

interface Shown {
  fill: string;
  shape: string;
  text: string;
}

/** Waits for the first status of a node whose text fits. */
async function untilStatus(
  node: NodeJS.EventEmitter & { status: unknown },
  fits: (text: string) => boolean,
): Promise<Shown> {
  const spy = node.status as { args: [Shown][] };
  for (;;) {
    const found = spy.args.map(([shown]) => shown).find(({ text = '' }) => fits(text));
    if (found) return found;
    await once(node, 'call:status');
  }
}
