import assert from 'node:assert/strict';
import { connectAsync } from 'mqtt';
import { Boards, type CrashEvent, Fleet } from '../../core/index';
import { Workbench } from './support';
import { Switchboard } from './switchboard';

const TRACE =
  'Traceback (most recent call last):\n  File "a.py", line 7, in f\nValueError: too hot';
const report = (id: string, more: object = {}) => ({
  id,
  kind: 'exception',
  where: 'task',
  trace: TRACE,
  restarted: true,
  ...more,
});

describe('A crash of a board', () => {
  let switchboard: Switchboard;
  let fleet: Fleet;
  let crashes: CrashEvent[];
  let saved: unknown;

  beforeEach(async () => {
    switchboard = new Switchboard();
    const save = async (state: unknown) => {
      saved = state;
    };
    fleet = switchboard.fleet({ memory: { load: async () => undefined, save } });
    crashes = [];
    await fleet.watch(['#'], { crash: (crash) => void crashes.push(crash), log: () => {} });
  });
  afterEach(() => fleet.close());
  const publish = (id: string, more: object = {}, board = 'a') =>
    switchboard.deliver(`${board}/mqb/crash/${id}`, report(id, more), true);

  it('is told with all that its report says', () => {
    publish('1.1', { time: 1_790_000_000, log: ['I 5 m: hello'] });
    const [{ exception, report: said, signature, ...crash } = {} as CrashEvent] = crashes;
    const at = new Date(1_790_000_000_000);
    assert.deepEqual(crash, {
      board: 'a',
      id: '1.1',
      kind: 'exception',
      where: 'task',
      traceback: TRACE,
      count: 1,
      first: at,
      last: at,
      at,
      restarted: true,
    });
    assert.equal(exception?.type, 'ValueError');
    assert.deepEqual(said?.log, ['I 5 m: hello']);
    assert.deepEqual(fleet.known('a')?.crash, {
      id: '1.1',
      signature,
      headline: 'ValueError: too hot',
      at: at.getTime(),
      count: 1,
    });
  });

  it('is told once however often it is reported, and counts up when it is another', () => {
    for (const id of ['1.1', '1.1', '2.1', '1.1', '2.1']) publish(id);
    publish('3.1', { trace: TRACE.replace('ValueError', 'OSError') });
    publish('2.1', {}, 'b');
    assert.deepEqual(
      crashes.map(({ board, id, count }) => `${board} ${id} ${count}`),
      ['a 1.1 1', 'a 2.1 2', 'a 3.1 1', 'b 2.1 1'],
    );
  });

  it('that came again before it could be told counts so many times', () => {
    publish('1.1', { again: 3 });
    publish('1.1', { again: 3 });
    publish('1.1', { again: 5 });
    assert.deepEqual(
      crashes.map(({ count }) => count),
      [4, 6],
    );
  });

  it('whose report was cleared is not told', () => {
    switchboard.deliver('a/mqb/crash/1.1', '');
    assert.deepEqual(crashes, []);
  });

  it('of a board that writes no reports is found in its log', () => {
    const lines = TRACE.split('\n');
    for (const line of lines) switchboard.deliver('a/log', `E 12:00:00.000     main: ${line}`);
    for (const line of lines) switchboard.deliver('a/log', `E 12:00:00.000     main: ${line}`);
    for (const line of lines) switchboard.deliver('a/log', `W 12:00:00.000     main: ${line}`);
    assert.deepEqual(
      crashes.map(({ kind, where, restarted, count, exception }) => [
        ...[kind, where, restarted, count, exception?.type],
      ]),
      [
        ['logged', 'main', false, 1, 'ValueError'],
        ['logged', 'main', false, 2, 'ValueError'],
      ],
    );
    assert.equal(new Set(crashes.map(({ id }) => id)).size, 2);
  });

  it('of a board that writes reports is not found in its log, too', () => {
    switchboard.deliver('a/mqb/info', { wire: 2, do: ['crash'], boot: 1 });
    for (const line of TRACE.split('\n')) switchboard.deliver('a/log', `E 5 main: ${line}`);
    assert.deepEqual(crashes, []);
  });

  it('that is invented a thousand times fills nothing', async () => {
    for (let n = 0; n < 1000; n++) {
      publish(`${n}.1`, { trace: TRACE.replace('in f', `in f${n}`) });
    }
    assert.equal(crashes.length, 1000);
    await fleet.close();
    assert.ok(JSON.stringify(saved).length < 20_000);
  });
});

describe('A crash report that arrived', () => {
  const bench = new Workbench();
  afterEach(() => bench.clear());

  /** A board that has one report, and a host's fleet. */
  async function scene(refuses: string[] = []) {
    const broker = await bench.broker();
    const seen: unknown[] = [];
    let tell = () => {};
    const remote = await bench.scripted(broker.url, 'site/a', {
      refuses,
      answers: {
        crash: ({ seen: ids }) => {
          seen.push(ids);
          tell();
          return { value: '{"seen":1}' };
        },
      },
    });
    const client = bench.keep(await connectAsync(broker.url), (client) => client.endAsync(true));
    const publish = (id: string) =>
      client.publishAsync(`site/a/mqb/crash/${id}`, JSON.stringify(report(id)), {
        qos: 1,
        retain: true,
      });
    await publish('1.1');
    const connection = await bench.connected(broker.url);
    const boards = bench.keep(new Boards(connection), (boards) => boards.close());
    const fleet = bench.keep(new Fleet(connection, boards, { scope: 'site' }), (f) => f.close());
    const acknowledged = () =>
      new Promise<void>((resolve) => {
        tell = resolve;
      });
    return { fleet, boards, seen, remote, url: broker.url, publish, acknowledged };
  }

  it('is acknowledged, so that the board need not tell it again', async () => {
    const { fleet, seen, publish, acknowledged } = await scene();
    const first = acknowledged();
    await fleet.watch(['+'], { crash: () => {} });
    await first;
    const second = acknowledged();
    await publish('1.2');
    await second;
    assert.deepEqual(seen, [['1.1'], ['1.2']]);
  });

  it('is acknowledged when the board is back, where it was not there', async () => {
    const { fleet, seen, remote, acknowledged } = await scene();
    await remote.announce('offline');
    const told = new Promise((resolve) => void fleet.watch(['+'], { crash: resolve }));
    await told;
    assert.deepEqual(seen, []);
    const first = acknowledged();
    await remote.announce('online');
    await first;
    assert.deepEqual(seen, [['1.1']]);
  });

  it('is told to each of two hosts, also where the other was first to acknowledge it', async () => {
    const { fleet, seen, url, publish, acknowledged } = await scene();
    const first = acknowledged();
    const ids: string[] = [];
    await fleet.watch(['+'], { crash: ({ id }) => void ids.push(`one ${id}`) });
    await first;
    const other = await bench.connected(url);
    const boards = bench.keep(new Boards(other), (boards) => boards.close());
    const second = bench.keep(new Fleet(other, boards, { scope: 'site' }), (f) => f.close());
    const again = acknowledged();
    await second.watch(['+'], { crash: ({ id }) => void ids.push(`two ${id}`) });
    await again;
    assert.deepEqual(ids, ['one 1.1', 'two 1.1']);
    await publish('1.2');
    while (seen.length < 4) await acknowledged();
    assert.deepEqual(ids.slice(2).sort(), ['one 1.2', 'two 1.2']);
  });

  it('is not acknowledged by who only looks', async () => {
    const { fleet, boards, seen } = await scene();
    await new Promise((resolve) => {
      void fleet.watch(['+'], { crash: resolve, acknowledge: false });
    });
    await boards.get('site/a').seenCrashes(['another']);
    assert.deepEqual(seen, [['another']]);
  });
});
