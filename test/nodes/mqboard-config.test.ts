import assert from 'node:assert/strict';
import { Broker } from '../../demo/broker';
import {
  connected,
  deployModified,
  evalNode,
  helper,
  lastStatus,
  loadFlow,
  next,
  node,
  serverNode,
  status,
  surroundings,
} from './support/flow';
import { StubBoard } from './support/stub-board';

type Nodes = Parameters<typeof loadFlow>[0];

describe('An mqboard-config node', () => {
  let broker: Broker;

  beforeEach(async () => {
    broker = await Broker.start();
  });
  afterEach(async () => {
    await helper.unload();
    await broker.stop();
  });

  function flow(server: object = {}, ...evals: object[]): Nodes {
    return [...surroundings(), serverNode(broker.url, server), ...evals] as never;
  }

  it('does not connect while no node uses it', async () => {
    await loadFlow(flow());
    // A second server, which is used, tells when the first would have been there as well.
    await deployModified([
      ...flow(),
      serverNode(broker.url, { id: 'two' }),
      evalNode({ server: 'two' }),
    ] as never);
    await status('eval', connected);
    assert.equal(broker.clients.length, 1);
  });

  it('shares one connection among its nodes, with a client id of its own at each start', async () => {
    const evals = [evalNode(), evalNode({ id: 'second' }), evalNode({ id: 'third' })];
    await loadFlow(flow({}, ...evals));
    await Promise.all(['eval', 'second', 'third'].map((id) => status(id, connected)));
    const [first, ...others] = broker.clients;
    assert.deepEqual(others, []);
    await helper.unload();
    await loadFlow(flow({}, ...evals));
    await status('eval', connected);
    assert.notEqual(broker.clients[0], first);
  });

  it('leaves the broker with its last user', async () => {
    await loadFlow(flow({}, evalNode(), evalNode({ id: 'second' })));
    await status('second', connected);
    await deployModified(flow({}, evalNode()));
    assert.equal(broker.clients.length, 1);
    await deployModified(flow());
    assert.deepEqual(broker.clients, []);
  });

  it('takes host, port and protocol as well as a URL', async () => {
    const { port } = broker;
    await loadFlow(flow({ host: '127.0.0.1', port: `${port}`, protocol: 'mqtt' }, evalNode()));
    await status('eval', connected);
  });

  it('signs on with user and password, and says so when they are wrong', async () => {
    await broker.stop();
    broker = await Broker.start({ users: { ada: 'secret' } });
    await loadFlow(flow({}, evalNode()), { server: { user: 'ada', password: 'secret' } });
    await status('eval', connected);
    await helper.unload();
    await loadFlow(flow({}, evalNode()), { server: { user: 'ada', password: 'guess' } });
    const shown = await status('eval', ({ text }) => text === 'wrong password');
    assert.deepEqual([shown.fill, shown.shape], ['red', 'ring']);
  });

  it('comes back when the broker does, and its nodes work again', async () => {
    await loadFlow(flow({}, evalNode()));
    await status('eval', connected);
    await broker.stop();
    await status('eval', ({ text }) => text === 'node-red:common.status.disconnected');
    await broker.restart();
    const board = await StubBoard.start(broker.url, 'shed', () => '921');
    await status('eval', connected);
    const answer = next('out');
    node('eval').receive({});
    assert.equal((await answer).payload, 921);
    await board.stop();
  });

  it('is connected again after a deploy of modified nodes that changed it', async () => {
    await loadFlow(flow({ clientId: 'before' }, evalNode()));
    await status('eval', connected);
    await deployModified(flow({ clientId: 'after' }, evalNode()));
    await status('eval', connected);
    assert.deepEqual(broker.clients, ['after']);
  });

  it('is found by a node that did not change, when it was deleted and is back', async () => {
    await loadFlow(flow({}, evalNode()));
    await status('eval', connected);
    await deployModified([...surroundings(), evalNode()] as never);
    await status('eval', ({ text }) => text === 'no server');
    await deployModified(flow({}, evalNode()));
    await status('eval', connected);
  });

  it('leaves no client behind that was about to reconnect when it was deployed anew', async () => {
    await loadFlow(flow({ clientId: 'before' }, evalNode()));
    await status('eval', connected);
    await broker.stop();
    await status('eval', ({ text }) => text === 'node-red:common.status.disconnected');
    await deployModified(flow({ clientId: 'after' }, evalNode()));
    const seen: string[] = [];
    await broker.restart();
    broker.aedes.on('clientReady', ({ id }) => seen.push(id));
    await status('eval', connected);
    // Longer than the first pause of a reconnect, in which a phantom would come back.
    await new Promise((resolve) => setTimeout(resolve, 700));
    assert.deepEqual(seen, ['after']);
  });

  describe('with a client id that another one has at the same broker', () => {
    const two = (): Nodes =>
      flow(
        { clientId: 'same', name: 'first' },
        evalNode(),
        serverNode(broker.url, { id: 'two', clientId: 'same', name: 'second' }),
        evalNode({ id: 'other', server: 'two' }),
      );

    it('stays away, and says who has it', async () => {
      await loadFlow(two());
      await status('eval', connected);
      assert.equal(lastStatus('other').text, 'client id in use');
      const caught = next('caught');
      node('other').receive({});
      const { error } = (await caught) as { error?: { message: string } };
      assert.match(error?.message ?? '', /used by another server node, "first"/);
      assert.deepEqual(broker.clients, ['same']);
    });

    it('connects as soon as the other one is gone', async () => {
      await loadFlow(two());
      await status('eval', connected);
      const kept = two().filter(({ id }) => id !== 'server' && id !== 'eval');
      await deployModified(kept);
      await status('other', connected);
      assert.deepEqual(broker.clients, ['same']);
    });
  });

  describe('with settings that cannot be', () => {
    const cases: Array<[what: string, settings: object, badge: string, says: RegExp]> = [
      ['a topic prefix with a wildcard', { prefix: 'farm/#' }, 'bad board prefix', /#/],
      ['a topic prefix that begins with a slash', { prefix: '/farm' }, 'bad board prefix', /begin/],
      ['no server', { host: '' }, 'no server', /No MQTT server/],
      ['a protocol that nobody speaks', { host: 'http://here' }, 'bad broker URL', /mqtt:\/\//],
      [
        'a password in the URL',
        { host: 'mqtt://ada:secret@here' },
        'password in URL',
        /own fields/,
      ],
      [
        'a port that is no number',
        { host: 'here', port: 'x', protocol: 'mqtt' },
        'bad settings',
        /port.*x/,
      ],
      ['a keep alive that is no number', { keepalive: 'often' }, 'bad settings', /often/],
      ['a timeout that is no number', { timeout: 'soon' }, 'bad timeout', /soon/],
    ];
    for (const [what, settings, badge, says] of cases) {
      it(`does not try to connect, and gives its nodes the reason: ${what}`, async () => {
        let tried = 0;
        broker.aedes.on('client', () => {
          tried += 1;
        });
        await loadFlow(flow(settings, evalNode()));
        assert.deepEqual(lastStatus('eval'), { fill: 'red', shape: 'ring', text: badge });
        const caught = next('caught');
        node('eval').receive({});
        const { error } = (await caught) as { error?: { message: string } };
        assert.match(error?.message ?? '', says);
        assert.doesNotMatch(error?.message ?? '', /secret/);
        assert.equal(tried, 0);
      });
    }
  });
});
