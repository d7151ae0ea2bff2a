import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Board, type BoardError, Connection } from '../../core/index';
import { RawHost } from '../support/raw-host';

const PREFIX = 'set/board';

describe('Settings of a running board', () => {
  let host: RawHost;
  let connection: Connection;
  let board: Board;

  before(async () => {
    host = await RawHost.start(PREFIX, {
      config: 'logging["loop_level"] = 20',
    });
    connection = new Connection({ url: host.broker.url });
    connection.open();
    await once(connection, 'connected');
    board = new Board(connection, PREFIX);
  });

  after(async () => {
    await connection.close();
    await host.stop();
  });

  const set = (what: 'log' | 'sysinfo', ...to: (object | null)[]) => board.set(what, ...to);
  const retain = (what: string, payload: string) =>
    host.client.publishAsync(`${PREFIX}/mqb/set/${what}`, payload, { qos: 1, retain: true });
  const logged = (pattern: RegExp) =>
    host.message(
      ({ topic, payload }) => topic === `${PREFIX}/log` && pattern.test(payload.toString()),
    );
  const say = (level: string, name: string, text: string) =>
    board.eval(`logging.getLogger("${name}").${level}("${text}")`);

  afterEach(async () => {
    await retain('log', '');
    await logged(/setting log: as configured/);
  });

  it('tells the levels that hold, and changes them by name', async () => {
    assert.deepEqual(await set('log'), { mqtt: { '*': 'info' }, console: { '*': 'info' } });
    const levels = { mqtt: { '*': 'error', heating: 'debug' }, console: { heating: 'off' } };
    assert.deepEqual(await set('log', levels), {
      mqtt: { '*': 'error', heating: 'debug' },
      console: { '*': 'info', heating: 'off' },
    });
    await say('info', 'other', 'not for the broker');
    await say('debug', 'heating', 'seen by the broker only');
    await logged(/heating: seen/);
    assert.ok(host.board.lines.some((line) => /not for the broker/.test(line)));
    assert.ok(!host.board.lines.some((line) => /seen by the broker only/.test(line)));
    const remembered = await board.logLines();
    assert.ok(!remembered.some(({ message }) => message === 'not for the broker'));
    assert.deepEqual(await set('log', null), { mqtt: { '*': 'info' }, console: { '*': 'info' } });
  });

  it('takes the same from a retained topic, and goes back when that is cleared', async () => {
    await retain('log', '{"mqtt": {"*": 10}}');
    await logged(/setting log: {"mqtt": {"\*": 10}}/);
    await say('debug', 'any', 'shown now');
    await logged(/^D .* any: shown now/);
    await retain('log', '');
    await logged(/setting log: as configured/);
    assert.deepEqual(await set('log'), { mqtt: { '*': 'info' }, console: { '*': 'info' } });
  });

  it('keeps what a command has set when the retained one comes again', async () => {
    await retain('log', '{"mqtt": {"x": "debug"}}');
    await logged(/setting log/);
    await set('log', { mqtt: { x: 'error' } });
    // As at a broker that has lost the session: it sends what is retained again.
    await board.eval('await mqtt.client._subs.renew()');
    await say('warning', 'y', 'after it came again');
    await logged(/after it came again/);
    assert.deepEqual(await set('log'), {
      mqtt: { '*': 'info', x: 'error' },
      console: { '*': 'info' },
    });
  });

  it('keeps nothing of topics that are no setting', async () => {
    const used = '__import__("gc").collect() * 0 + __import__("gc").mem_alloc()';
    const before = await board.eval(used);
    for (let i = 0; i < 60; i++) await retain(`junk${i}`, 'x'.repeat(3000));
    await logged(/there is no setting junk59/);
    const after = await board.eval(used);
    const taken = Number(after.value) - Number(before.value);
    assert.ok(taken < 30_000, `${taken} bytes`);
    for (let i = 0; i < 60; i++) await retain(`junk${i}`, '');
    await logged(/there is no setting junk59/);
  });

  it('refuses what it does not understand, and changes nothing', async () => {
    const code = (promise: Promise<unknown>) =>
      promise.then(
        () => 'none',
        (error: BoardError) => `${error.code} ${error.message}`,
      );
    assert.match(await code(set('log', { mqtt: { '*': 'loud' } })), /expected debug/);
    assert.match(await code(set('sysinfo', { interval: -1 })), /expected 0 to/);
    assert.match(await code(set('nonsense' as 'log')), /no setting nonsense/);
    await retain('log', '{"mqtt": 1}');
    await logged(/^E .*setting log: expected 'mqtt'/);
    await retain('log', 'info');
    await logged(/^E .*setting log: expected JSON/);
    assert.deepEqual(await set('log'), { mqtt: { '*': 'info' }, console: { '*': 'info' } });
    assert.deepEqual(await set('sysinfo'), { interval: 60 });
  });
});
