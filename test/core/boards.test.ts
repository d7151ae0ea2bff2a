import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Boards } from '../../core/index';
import { errorOf, Workbench } from './support';

describe('The boards behind a connection', () => {
  const bench = new Workbench();
  afterEach(() => bench.clear());

  it('are one for each prefix, however many ask for it', async () => {
    const boards = new Boards(bench.connection('mqtt://127.0.0.1:1'));
    bench.keep(boards, () => boards.close());
    assert.equal(boards.get('a/b'), boards.get('a/b'));
    assert.notEqual(boards.get('a/b'), boards.get('a/c'));
    assert.throws(() => boards.get('a/+'), { code: 'BAD_PREFIX' });
  });

  it('run side by side without disturbing each other', async () => {
    const broker = await bench.broker();
    const connection = await bench.connected(broker.url);
    const boards = new Boards(connection);
    bench.keep(boards, () => boards.close());
    const prefixes = Array.from({ length: 20 }, (_, index) => `board/${index}`);
    for (const prefix of prefixes) await bench.scripted(broker.url, prefix);
    const results = await Promise.all(prefixes.map((prefix) => boards.get(prefix).eval('1')));
    assert.ok(results.every(({ value }) => value === 921));
  });

  it('cancel what runs when they are closed, and leave the connection as it was', async () => {
    const broker = await bench.broker();
    const connection = await bench.connected(broker.url);
    const remote = await bench.scripted(broker.url, 'a', { runs: () => ({ output: [] }) });
    const boards = new Boards(connection);
    const ending = errorOf(boards.get('a').eval('1'));
    await remote.next('c');
    const cancelled = remote.next('x');
    boards.close();
    assert.equal((await ending).code, 'ABORTED');
    await cancelled;
    assert.equal(connection.listenerCount('connected'), 0);
    assert.equal(connection.listenerCount('disconnected'), 0);
    assert.equal(connection.listenerCount('closed'), 0);
  });

  it('are found again when they were offline while the host was away', async () => {
    const broker = await bench.broker();
    const connection = await bench.connected(broker.url);
    const remote = await bench.scripted(broker.url, 'a');
    const boards = new Boards(connection);
    bench.keep(boards, () => boards.close());
    await remote.announce('offline');
    assert.equal((await errorOf(boards.get('a').eval('1'))).code, 'BOARD_OFFLINE');
    await connection.close();
    await remote.announce('online');
    connection.open();
    await once(connection, 'connected');
    assert.equal((await boards.get('a').eval('1')).value, 921);
  });
});
