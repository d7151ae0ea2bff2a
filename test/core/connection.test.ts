import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectAsync } from 'mqtt';
import { Connection, type LinkError } from '../../core/index';
import { Backoff } from '../../core/link/backoff';
import { errorOf, Workbench } from './support';

/** Resolves when everything that was published before has been delivered. */
async function delivered(connection: Connection): Promise<void> {
  let arrived = () => {};
  const arrival = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const subscription = await connection.subscribe('delivered', () => arrived());
  await connection.publish('delivered', '');
  await arrival;
  subscription.close();
}

describe('A connection', () => {
  const bench = new Workbench();
  afterEach(() => bench.clear());

  it('tells each step, and its state with it', async () => {
    const broker = await bench.broker();
    const connection = new Connection({ url: broker.url });
    const steps: string[] = [connection.state];
    const states = ['connecting', 'connected', 'closed'] as const;
    for (const state of states) {
      connection.on(state, () => steps.push(state, connection.state));
    }
    connection.open();
    connection.open();
    await once(connection, 'connected');
    await Promise.all([connection.close(), connection.close()]);
    const twice = states.flatMap((state) => [state, state]);
    assert.deepEqual(steps, ['closed', ...twice]);
    assert.deepEqual(broker.clients, []);
  });

  it('can be opened again, even while it closes', async () => {
    const broker = await bench.broker();
    const connection = await bench.connected(broker.url);
    const closing = connection.close();
    connection.open();
    await once(connection, 'connected');
    await closing;
    assert.equal(connection.state, 'connected');
    assert.equal(broker.clients.length, 1);
  });

  it('delivers messages to each who listens, until the last of them has closed', async () => {
    const broker = await bench.broker();
    const connection = await bench.connected(broker.url);
    const got: string[] = [];
    const one = await connection.subscribe('a/+', ({ payload }) => got.push(`one ${payload}`));
    const two = await connection.subscribe('a/+', ({ topic }) => got.push(`two ${topic}`));
    await connection.publish('a/b', 'x', { qos: 1 });
    await delivered(connection);
    assert.deepEqual(got, ['one x', 'two a/b']);
    one.close();
    one.close();
    await connection.publish('a/b', 'y', { qos: 1 });
    await delivered(connection);
    two.close();
    await connection.publish('a/b', 'z', { qos: 1 });
    await delivered(connection);
    assert.deepEqual(got, ['one x', 'two a/b', 'two a/b']);
  });

  it('delivers what is retained to each who begins to listen', async () => {
    const broker = await bench.broker();
    const connection = await bench.connected(broker.url);
    await connection.publish('a', 'kept', { qos: 1, retain: true });
    for (const _ of ['first', 'second']) {
      await new Promise<void>((resolve, reject) => {
        connection
          .subscribe('a', ({ payload, retain }) => {
            assert.deepEqual([String(payload), retain], ['kept', true]);
            resolve();
          })
          .catch(reject);
      });
    }
  });

  it('comes back after the broker was away, with its subscriptions', async () => {
    const broker = await bench.broker();
    const connection = await bench.connected(broker.url);
    const got: string[] = [];
    await connection.subscribe('a', ({ payload }) => got.push(String(payload)));
    const lost = once(connection, 'disconnected');
    const restarted = broker.restart();
    await lost;
    await once(connection, 'connected');
    await restarted;
    await connection.publish('a', 'x', { qos: 1 });
    await delivered(connection);
    assert.deepEqual(got, ['x']);
  });

  it('fails at once what cannot be sent now, and never sends it later', async () => {
    const broker = await bench.broker();
    const witness = await connectAsync(broker.url, { reconnectPeriod: 20 });
    bench.keep(witness, () => witness.endAsync(true));
    const got: string[] = [];
    const arrival = new Promise<void>((resolve) => {
      witness.on('message', (_topic, payload) => {
        got.push(String(payload));
        if (got.at(-1) === 'new') resolve();
      });
    });
    await witness.subscribeAsync('a');
    const connection = await bench.connected(broker.url);
    broker.dropConnections();
    await once(connection, 'disconnected');
    for (const qos of [0, 1] as const) {
      const error = await errorOf(connection.publish('a', 'old', { qos }));
      assert.equal(error.code, 'NOT_CONNECTED');
    }
    assert.equal((await errorOf(connection.subscribe('a', () => {}))).code, 'NOT_CONNECTED');
    await once(connection, 'connected');
    // The witness lost its link, too, and may hear nothing at first.
    const again = setInterval(() => void connection.publish('a', 'new', { qos: 1 }), 20);
    await arrival.finally(() => clearInterval(again));
    assert.ok(!got.includes('old'));
  });

  it('fails a publish whose acknowledgement the broken link took along', async () => {
    const broker = await bench.broker();
    const connection = await bench.connected(broker.url);
    broker.aedes.authorizePublish = () => broker.dropConnections();
    const error = await errorOf(connection.publish('a', 'x', { qos: 1 }));
    assert.equal(error.code, 'NOT_CONNECTED');
    assert.match(error.message, /broke in the middle/);
  });

  it('says which subscription the broker does not allow', async () => {
    const broker = await bench.broker();
    broker.aedes.authorizeSubscribe = (_client, sub, done) => {
      done(null, sub.topic === 'secret' ? null : sub);
    };
    const connection = await bench.connected(broker.url);
    const error = await errorOf(connection.subscribe('secret', () => {}));
    assert.equal(error.code, 'SUBSCRIBE_REFUSED');
    assert.match(error.message, /"secret"/);
    await connection.subscribe('open', () => {});
  });

  it('stays connected when a subscription is refused after a reconnect, and says so', async () => {
    const broker = await bench.broker();
    const connection = await bench.connected(broker.url);
    await connection.subscribe('a', () => {});
    broker.aedes.authorizeSubscribe = (_client, _sub, done) => done(null, null);
    const refused = once(connection, 'subscriptionRefused');
    broker.dropConnections();
    const [{ error }] = (await refused) as [{ error: LinkError }];
    assert.match(error.message, /"a"/);
    assert.equal(connection.state, 'connected');
  });

  it('keeps trying after it was refused, and gets in once it is let in', async () => {
    const users: Record<string, string> = { ada: 'new' };
    const broker = await bench.broker({ users });
    const connection = bench.connection(broker.url, { username: 'ada', password: 'old' });
    const [{ error }] = (await once(connection, 'refused')) as [{ error: LinkError }];
    assert.equal(connection.state, 'refused');
    assert.match(error.message, /refused the user name or the password/);
    users.ada = 'old';
    await once(connection, 'connected');
  });

  it('recognises another client with its client id, and does not fight it in a tight loop', async () => {
    const broker = await bench.broker();
    const options = { clientId: 'twin', reconnectMs: { first: 20, longest: 2_000 } };
    const reasons: string[] = [];
    let connections = 0;
    broker.aedes.on('client', () => connections++);
    const told = new Promise<void>((resolve) => {
      for (const connection of [1, 2].map(() => bench.connection(broker.url, options))) {
        connection.on('disconnected', ({ error }) => {
          reasons.push(error.message);
          if (error.code === 'CLIENT_ID_TAKEN') resolve();
        });
      }
    });
    await told;
    assert.match(reasons.at(-1) ?? '', /another client uses the client id "twin"/);
    assert.ok(connections < 10, `${connections} connections until it was noticed`);
  });

  it('leaves nothing behind of links that are gone, however many', async () => {
    const broker = await bench.broker();
    const connection = await bench.connected(broker.url);
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => warnings.push(warning);
    process.on('warning', onWarning);
    for (let links = 0; links < 12; links += 1) {
      const again = once(connection, 'connected');
      broker.dropConnections();
      await again;
    }
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', onWarning);
    assert.deepEqual(warnings, []);
  });

  it('takes a broker that restarts again and again for no such client', async () => {
    const broker = await bench.broker();
    const connection = await bench.connected(broker.url);
    for (const _ of [1, 2, 3]) {
      const lost = once(connection, 'disconnected');
      await broker.stop();
      const [{ error }] = (await lost) as [{ error: LinkError }];
      assert.equal(error.code, 'LINK_LOST');
      if (connection.state === 'disconnected') await once(connection, 'connecting');
      await once(connection, 'disconnected');
      await broker.restart();
      if (connection.state !== 'connected') await once(connection, 'connected');
    }
  });

  it('closes at once while it is still connecting', async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
    bench.keep(silent, () => {
      for (const socket of sockets) socket.destroy();
      silent.close();
    });
    await once(silent, 'listening');
    const { port } = silent.address() as { port: number };
    const connection = bench.connection(`mqtt://127.0.0.1:${port}`);
    await once(silent, 'connection');
    const begun = Date.now();
    await connection.close();
    assert.ok(Date.now() - begun < 500);
    assert.equal(connection.state, 'closed');
  });

  it('closes at once between two attempts', async () => {
    const options = { reconnectMs: { first: 60_000, longest: 60_000 } };
    const connection = bench.connection('mqtt://127.0.0.1:1', options);
    await once(connection, 'disconnected');
    await connection.close();
    assert.equal(connection.state, 'closed');
  });

  it('closes in bounded time when the broker has fallen silent', async () => {
    const broker = await bench.broker();
    const connection = await bench.connected(broker.url);
    broker.aedes.authorizePublish = () => {};
    const lost = errorOf(connection.publish('a', 'never acknowledged', { qos: 1 }));
    await sleep(20);
    const begun = Date.now();
    await connection.close();
    assert.ok(Date.now() - begun < 3_000);
    assert.equal((await lost).code, 'NOT_CONNECTED');
  });
});

describe('The pauses between attempts', () => {
  const middle = () => 0.5;

  it('double up to the longest', () => {
    const backoff = new Backoff(250, 30_000, middle);
    const pauses = Array.from({ length: 10 }, () => backoff.nextMs());
    assert.deepEqual(pauses.slice(0, 4), [250, 500, 1000, 2000]);
    assert.equal(pauses.at(-1), 30_000);
  });

  it('differ from client to client by a quarter', () => {
    assert.equal(new Backoff(1000, 30_000, () => 0).nextMs(), 750);
    assert.equal(new Backoff(1000, 30_000, () => 1).nextMs(), 1250);
  });

  it('are slow from the start after a refusal', () => {
    assert.equal(new Backoff(250, 30_000, middle).nextMs(true), 5_000);
  });

  it('start small again only after a link that held', () => {
    const backoff = new Backoff(250, 30_000, middle);
    backoff.nextMs();
    backoff.linkEnded(1_000);
    assert.equal(backoff.nextMs(), 500);
    backoff.linkEnded(60_000);
    assert.equal(backoff.nextMs(), 250);
  });
});
