import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Broker } from '../../demo/broker';
import { VirtualBoard } from '../../simulator/index';
import { Workbench } from '../core/support';
import { loadExample } from './support/example';
import { helper, next, node, type Received, status } from './support/flow';

const SHED = 'demo/shed';
const prefixes = [SHED, 'demo/barn'];
/** One that starts an application, and confirms what is new behind the two seconds that a mistake in it takes. */
const CONFIG = `
modules = ["mqtt", "logging", "mqrepl", "heating", "hello"]
update = {"confirm": 3, "minutes": 10, "boots": 3}
`;
const GOOD = `
def start(mqtt, config):
    pass
def healthy():
    return True
`;
const BAD = `
def start(mqtt, config):
    raise ValueError("no sensor")
`;

interface Told {
  text: string;
}

describe('The examples with updates', function () {
  this.timeout(120_000);
  let broker: Broker;
  let folder: string;
  let app: string;
  let id: (name: string) => string;
  const boards: VirtualBoard[] = [];
  const bench = new Workbench();

  before(async () => {
    broker = await Broker.start();
    folder = mkdtempSync(join(tmpdir(), 'mqboard-update-examples-'));
    app = join(folder, 'app');
    mkdirSync(app);
    write('0', GOOD);
    for (const prefix of prefixes) {
      const files = { '/src/heating.py': GOOD, '/src/hello.py': GOOD };
      const board = new VirtualBoard({ url: broker.url, prefix, config: CONFIG, files });
      boards.push(board);
      await board.start();
      await board.waitForLine(/ready for commands/, 60_000);
    }
    helper.settings({ userDir: folder });
  });
  after(async () => {
    helper.settings({});
    await bench.clear();
    for (const board of boards) await board.stop();
    await broker.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(() => helper.unload());

  function write(version: string, source: string): void {
    writeFileSync(join(app, 'heating.py'), `${source}\nversion = ${JSON.stringify(version)}\n`);
    writeFileSync(join(app, 'VERSION'), `${version}\n`);
  }

  function click(button: string, shows: string): Promise<Received> {
    const shown = next(id(shows));
    node(id(button)).receive({});
    return shown;
  }

  async function load(name: string, env: Record<string, string>, nodes: object = {}) {
    id = await loadExample(name, { url: broker.url, env, nodes: nodes as never });
  }

  it('first update: a good one stays, the one before comes back, and a bad one goes back by itself', async () => {
    await load('first-update.json', { BOARD: SHED });
    await status(id('to the board'), ({ fill }) => fill === 'green');
    const told = async (button: string, pattern: RegExp) => {
      node(id(button)).receive({});
      const text = async () => ((await next(id('what became of it'))).payload as Told).text;
      while (!pattern.test(await text()));
    };
    await told('a good one', /^demo\/shed runs \w{8} now/);
    const { payload } = await click('the one before', 'what came back');
    assert.equal((payload as { outcome: string }).outcome, 'updated');
    await told('a bad one', /^demo\/shed tried \w{8} and went back to what it had: it crashed/);
  });

  it('at night: brings an application to all boards, and tells somebody when it stopped', async () => {
    const quick = { 'to all boards': { wait: '' } };
    await load('update-at-night.json', { FOLDER: folder }, quick);
    await status(id('to all boards'), ({ fill }) => fill === 'green');
    const told: string[] = [];
    node(id('each board')).on('input', ({ payload }: Received) =>
      told.push((payload as Told).text),
    );
    const done = status(id('to all boards'), ({ text }) => text === '2 of 2 done');
    node(id('now')).receive({});
    await done;
    assert.equal(told.filter((text) => /^demo\/\w+ runs \w{8} now/.test(text)).length, 2);

    write('1', BAD);
    const mail = next(id('tell somebody'));
    node(id('now')).receive({});
    const { topic, payload } = (await mail) as { topic: string; payload: string };
    assert.equal(topic, 'The update of 2 boards: stopped');
    assert.match(
      payload,
      /The canary demo\/\w+ went back to what it had.*1 went back, 1 not tried/,
    );
  });

  it('on a change: brings an application to its boards when another version is in its file', async () => {
    await load('deploy-application.json', { FOLDER: app });
    await status(id('the application'), ({ fill }) => fill === 'green');
    write('2.1', GOOD);
    await status(id('the application'), ({ text }) => text === '2 of 2 done');
    const told: string[] = [];
    node(id('what became of it')).on('input', ({ payload }: Received) =>
      told.push((payload as Told).text),
    );
    const again = status(id('the application'), ({ fill }) => fill === 'blue');
    node(id('now')).receive({});
    await again;
    await status(id('the application'), ({ text }) => text === '2 of 2 done');
    while (!/2 had it already/.test(told.at(-1) ?? '')) await next(id('what became of it'));
    assert.ok(told.includes('demo/shed had 2.1 already.'));
  });

  it('safe mode: tells that a board has gone there, and sends it back', async () => {
    await load('safe-mode.json', { BOARD: SHED });
    await status(id('presence'), ({ text }) => text === '2 of 2 online');
    const { payload: list } = await click('what is on it?', 'what is on it');
    assert.equal((list as { slots: { app: { version: string } } }).slots.app.version, '2.1');
    const told = next(id('tell somebody'));
    const connection = await bench.connected(broker.url);
    const shed = bench.board(connection, SHED);
    await shed.reset('safe', { why: 'to try it', wait: true });
    await shed.keep('mode', { mode: 'safe' });
    const { topic, payload } = (await told) as { topic: string; payload: string };
    assert.equal(topic, 'demo/shed is in safe mode');
    assert.match(payload, /It says: to try it\.$/);
    const { payload: mode } = await click('send it back', 'mode');
    assert.deepEqual(mode, { how: 'normal', mode: 'normal' });
  });
});
