import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mock } from 'node:test';
import { connectAsync } from 'mqtt';
import { Boards, type Connection, Fleet, type LogRecord } from '../../core/index';
import { errorOf, Workbench } from './support';
import { Switchboard } from './switchboard';

const DEPTHS = [1, 2, 3, 4, 5, 6].map((depth) => Array(depth).fill('+').join('/'));
/** What is always subscribed to, below `scope`. */
const always = (scope = '') =>
  DEPTHS.flatMap((depth) => [`${scope}${depth}/mqb/info`, `${scope}${depth}/mqb/status`]);

describe('A watch of boards', () => {
  it('subscribes to what there are callbacks for, once however many watch', async () => {
    const switchboard = new Switchboard();
    const fleet = switchboard.fleet({ scope: 'site' });
    const first = await fleet.watch(['oven/+'], { log: () => {}, sysinfo: () => {} });
    const second = await fleet.watch(['oven/7', 'lamp'], { log: () => {}, crash: () => {} });
    assert.deepEqual(
      switchboard.filters,
      [
        ...always('site/'),
        'site/lamp/log',
        'site/lamp/mqb/crash/+',
        'site/oven/+/log',
        'site/oven/+/sysinfo',
        'site/oven/7/mqb/crash/+',
      ].sort(),
    );
    first.close();
    await new Promise(setImmediate);
    assert.ok(switchboard.filters.includes('site/oven/7/log'));
    assert.ok(!switchboard.filters.includes('site/oven/+/log'));
    second.close();
    await new Promise(setImmediate);
    assert.deepEqual(switchboard.filters, always('site/').sort());
    await fleet.close();
    assert.deepEqual(switchboard.filters, []);
  });

  it('tells each listener of its boards, with names relative to the scope', async () => {
    const switchboard = new Switchboard();
    const fleet = switchboard.fleet({ scope: 'site' });
    const told: string[] = [];
    await fleet.watch(['oven/+'], { log: ({ board }) => told.push(`first ${board}`) });
    await fleet.watch(['#'], { log: ({ board }) => told.push(`second ${board}`) });
    switchboard.deliver('site/oven/7/log', 'I 5 m: hello');
    switchboard.deliver('site/lamp/log', 'I 5 m: hello');
    switchboard.deliver('elsewhere/log', 'I 5 m: hello');
    assert.deepEqual(told, ['first oven/7', 'second oven/7', 'second lamp']);
    await fleet.close();
  });

  it('gives each listener an object of its own', async () => {
    const switchboard = new Switchboard();
    const fleet = switchboard.fleet();
    const records: LogRecord[] = [];
    const log = (record: LogRecord) => {
      record.message = 'changed';
    };
    await fleet.watch(['#'], { log });
    await fleet.watch(['#'], { log: (record) => void records.push(record) });
    switchboard.deliver('a/log', 'I 5 m: hello');
    assert.equal(records[0]?.message, 'hello');
    await fleet.close();
  });

  it('goes on when a listener fails, and says so', async () => {
    const switchboard = new Switchboard();
    const fleet = switchboard.fleet();
    const heard: string[] = [];
    await fleet.watch(['#'], {
      log: () => {
        throw new Error('the flow broke');
      },
    });
    await fleet.watch(['#'], { log: ({ message }) => heard.push(message) });
    const warned = once(process, 'warning');
    switchboard.deliver('a/log', 'I 5 m: hello');
    assert.deepEqual(heard, ['hello']);
    assert.equal((await warned)[0].message, 'the flow broke');
    await fleet.close();
  });

  it('is refused for a filter that cannot be one', async () => {
    const fleet = new Switchboard().fleet();
    assert.equal((await errorOf(fleet.watch(['a', '+b'], {}))).code, 'BAD_FILTER');
    assert.throws(() => new Switchboard().fleet({ scope: 'a/+' }), { code: 'BAD_PREFIX' });
    await fleet.close();
  });

  it('waits for no rest of a message longer than a second', async () => {
    const switchboard = new Switchboard();
    const fleet = switchboard.fleet();
    let tell: (record: LogRecord) => void = () => {};
    const heard = new Promise<LogRecord>((resolve) => {
      tell = resolve;
    });
    await fleet.watch(['#'], { log: tell });
    const begun = performance.now();
    switchboard.deliver('a/log', 'E 5#a4f.1+ m: and then');
    // Whoever sets the host's clock back meanwhile does not change that.
    mock.method(Date, 'now', () => 1_000_000);
    const { message, lines } = await heard;
    mock.restoreAll();
    assert.deepEqual([message, lines], ['and then', 1]);
    assert.ok(performance.now() - begun < 1200);
    await fleet.close();
  });
});

describe('A fleet at a broker that does not answer', () => {
  it('is closed all the same, and leaves nothing', async () => {
    const switchboard = new Switchboard();
    const fleet = switchboard.fleet();
    await (await fleet.watch(['a'], { log: () => {} })).close();
    const subscribe = switchboard.subscribe.bind(switchboard);
    let answer = () => {};
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    switchboard.subscribe = async (...wanted) => {
      await answered;
      return subscribe(...wanted);
    };
    void fleet.watch(['b'], { log: () => {} });
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    await fleet.close();
    answer();
    await new Promise(setImmediate);
    assert.deepEqual(switchboard.filters, []);
    assert.equal(switchboard.listenerCount('connected'), 0);
  });
});

describe('A watch through a broker', () => {
  const bench = new Workbench();
  afterEach(() => bench.clear());

  function fleetAt(connection: Connection): Fleet {
    const boards = bench.keep(new Boards(connection), (boards) => boards.close());
    return bench.keep(new Fleet(connection, boards), (fleet) => fleet.close());
  }

  it('begins with the link, and goes on after a reconnect', async () => {
    const broker = await bench.broker();
    const connection = bench.connection(broker.url);
    const fleet = fleetAt(connection);
    const records: string[] = [];
    let heard = () => {};
    const log = ({ message }: LogRecord) => {
      records.push(message);
      heard();
    };
    await fleet.watch(['#'], { log });
    await fleet.watch(['a'], { log: () => {} });
    const board = bench.keep(await connectAsync(broker.url), (client) => client.endAsync(true));
    const say = async (text: string) => {
      const arrived = new Promise<void>((resolve) => {
        heard = resolve;
      });
      await board.publishAsync('a/log', `I 5 m: ${text}`, { qos: 1 });
      await arrived;
    };
    if (connection.state !== 'connected') await once(connection, 'connected');
    // What was asked for before the link is asked for now; this comes behind it.
    await (await connection.subscribe('behind', () => {}, { qos: 0 })).close();
    await say('one');
    await connection.close();
    connection.open();
    await once(connection, 'connected');
    await say('two');
    assert.deepEqual(records, ['one', 'two']);
  });

  it('fails with what the broker does not allow', async () => {
    const broker = await bench.broker();
    const connection = await bench.connected(broker.url);
    const fleet = fleetAt(connection);
    const subscribe = connection.subscribe.bind(connection);
    const refusal = Object.assign(new Error('not allowed'), { code: 'SUBSCRIBE_REFUSED' });
    connection.subscribe = async (filter, listener, options) => {
      if (filter.startsWith('secret')) throw refusal;
      return subscribe(filter, listener, options);
    };
    assert.equal(await errorOf(fleet.watch(['secret/+'], { log: () => {} })), refusal);
    const watch = await fleet.watch(['open/+'], { log: () => {} });
    watch.close();
  });
});
