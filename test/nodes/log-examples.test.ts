import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Board, Connection } from '../../core/index';
import { Broker } from '../../demo/broker';
import { VirtualBoard } from '../../simulator/index';
import { Workbench } from '../core/support';
import { type ExampleOptions, loadExample, pages } from './support/example';
import { helper, next, nextMany, node, type Received, status } from './support/flow';

const PREFIX = 'demo/shed';
const VITAL_SIGNS = 'modules = ["mqtt", "logging", "mqrepl", "sysinfo"]';
/** What a task does that nobody watches over. */
const FAILING_TASK = `
import asyncio
async def heat(degrees):
    raise ValueError(degrees, "is too hot")
asyncio.create_task(heat(81))
`;

describe('The examples with what boards say of themselves', function () {
  this.timeout(60_000);
  const bench = new Workbench();
  let broker: Broker;
  let virtual: VirtualBoard;
  let connection: Connection;
  let board: Board;
  let userDir: string;

  before(async () => {
    broker = await Broker.start();
    virtual = new VirtualBoard({ url: broker.url, prefix: PREFIX, config: VITAL_SIGNS });
    await virtual.start();
    await virtual.waitForLine(/ready for commands/, 30_000);
    connection = await bench.connected(broker.url);
    board = bench.board(connection, PREFIX);
  });
  after(async () => {
    await bench.clear();
    await virtual.stop();
    await broker.stop();
  });

  beforeEach(async () => {
    userDir = mkdtempSync(join(tmpdir(), 'mqboard-log-examples-'));
    helper.settings({ userDir, httpNodeRoot: '/' });
  });
  afterEach(async () => {
    await helper.unload();
    helper.settings({});
    rmSync(userDir, { recursive: true, force: true });
  });

  const load = (name: string, nodes: Required<ExampleOptions>['nodes'] = {}) =>
    loadExample(name, { url: broker.url, nodes });
  const hears = (id: string) => status(id, ({ text }) => text === '1 of 1 online');

  it('alert on a crash: tells one crash, and not the same one again within the hour', async () => {
    const id = await load('alert-on-crash.json');
    await hears(id('crashes'));
    const told: Received[] = [];
    node(id('tell somebody')).on('input', ((msg: Received) => told.push(msg)) as never);
    const seen = nextMany(id('which crash?'), 3);
    const first = next(id('tell somebody'));
    await board.eval(FAILING_TASK);
    const { topic, payload } = (await first) as { topic?: string; payload?: string };
    assert.match(topic ?? '', /^demo\/shed crashed: ValueError: \(81, 'is too hot'\)/);
    assert.match(payload ?? '', /did not restart, and goes on/);
    const [report] = await board.crashes();
    assert.ok(report);
    // As it would come when the board had crashed like this in another boot, too.
    const { trace } = await board.crash(report.id);
    const again = JSON.stringify({ id: 'abc.1', kind: 'exception', where: 'task', trace });
    await connection.publish(`${PREFIX}/mqb/crash/abc.1`, again, { qos: 1 });
    await board.eval(FAILING_TASK.replace('ValueError', 'OSError'));
    const counts = (await seen).map(({ payload: crash }) => (crash as { count: number }).count);
    assert.deepEqual(counts, [1, 2, 1]);
    while (told.length < 2) await next(id('tell somebody'));
    assert.match(`${told[1]?.payload}`, /OSError/);
    assert.equal(told.length, 2);
  });

  it('a board is silent: tells so when its time is over, and not while it gives signs', async () => {
    const short = { '10 minutes': { duration: '1500', units: 'ms' } };
    const id = await load('silent-board.json', short);
    const log = 'import logging\nlogging.getLogger("main").warning("here")';
    const heard = next(id('heard of'));
    await hears(id('signs of life'));
    assert.equal((await heard).payload, `${PREFIX} is heard of.`);
    let silent = false;
    const told = next(id('tell somebody')).then((msg) => {
      silent = true;
      return msg;
    });
    for (let i = 0; i < 4; i++) {
      const sign = next(id('10 minutes'));
      await board.eval(log.replace('here', `here ${i}`));
      await sign;
      await new Promise((resolve) => setTimeout(resolve, 600));
      assert.equal(silent, false, 'a sign winds the clock up again');
    }
    assert.equal((await told).payload, `${PREFIX} has been silent for 10 minutes.`);
    const again = next(id('heard of'));
    await board.eval(log);
    await again;
  });

  it('free heap: keeps what the board says, and draws it on a page', async () => {
    const id = await load('free-heap-chart.json');
    await hears(id('vital signs'));
    const two = nextMany(id('free heap'), 2);
    await board.set('sysinfo', { interval: 1 });
    const values = (await two).map(({ payload }) => payload as number);
    assert.ok(values.every((free) => free > 10_000));
    const server = createServer(pages).listen(0, '127.0.0.1');
    bench.keep(server, () => server.close());
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/free-heap`;
    const page = await (await fetch(url)).text();
    assert.match(page, /<svg /);
    const history = (await (await fetch(`${url}/data`)).json()) as Record<
      string,
      Array<[at: number, free: number]>
    >;
    assert.deepEqual(Object.keys(history), [PREFIX]);
    assert.deepEqual(
      history[PREFIX]?.slice(0, 2).map(([, free]) => free),
      values,
    );
    await board.set('sysinfo', null);
  });

  it('logs and crashes: tells what a button makes the board say, that it failed, and why it restarts', async () => {
    const id = await load('logs-and-crashes.json');
    await hears(id('all boards'));
    const lines = nextMany(id('log'), 3);
    node(id('say something')).receive({});
    const levels = (await lines).map(({ payload }) => (payload as { levelName: string }).levelName);
    assert.deepEqual(levels, ['info', 'warning', 'error']);

    const crash = next(id('crash'));
    node(id('make it crash')).receive({});
    const { text } = (await crash).payload as { text: string };
    assert.match(text, /^demo\/shed crashed: ValueError: too hot: 71 degrees/);

    const events = nextMany(id('presence'), 3);
    node(id('let it restart')).receive({});
    const told = (await events).map(({ payload }) => payload as Record<string, unknown>);
    const { reset, reason } = told.find(({ event }) => event === 'booted') ?? {};
    assert.deepEqual([reset, reason], ['intended', 'the flow wanted it']);
  });
});
