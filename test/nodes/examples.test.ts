import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Broker } from '../../demo/broker';
import { VirtualBoard } from '../../simulator/index';
import { loadExample } from './support/example';
import { helper, next, nextMany, node, type Received } from './support/flow';

const prefixes = ['demo/shed', 'demo/barn'];

describe('The examples with files', function () {
  this.timeout(60_000);
  let broker: Broker;
  let userDir: string;
  const boards: VirtualBoard[] = [];

  before(async () => {
    broker = await Broker.start();
    for (const prefix of prefixes) {
      const board = new VirtualBoard({ url: broker.url, prefix });
      boards.push(board);
      await board.start();
      await board.waitForLine(/ready for commands/, 30_000);
    }
  });
  after(async () => {
    for (const board of boards) await board.stop();
    await broker.stop();
  });

  beforeEach(() => {
    userDir = mkdtempSync(join(tmpdir(), 'mqboard-examples-'));
    helper.settings({ userDir });
  });
  afterEach(async () => {
    await helper.unload();
    rmSync(userDir, { recursive: true, force: true });
  });

  let id: (name: string) => string;
  const load = async (name: string, env: Record<string, string> = {}) => {
    id = await loadExample(name, { url: broker.url, env });
  };

  async function click(button: string, shows: string): Promise<Received> {
    const shown = next(id(shows));
    node(id(button)).receive({});
    return shown;
  }

  it('files: writes, reads, lists, tells what is free, and clears up', async () => {
    await load('files.json');
    const done = await click('write settings', 'what was done');
    assert.equal((done.mqboard as { path: string }).path, '/settings.json');
    assert.deepEqual((await click('read settings', 'settings')).payload, { valve: 3, minutes: 20 });
    const { payload: list } = await click('what is there?', 'files and folders');
    const paths = (list as Array<{ path: string }>).map(({ path }) => path);
    assert.ok(paths.includes('/settings.json') && paths.includes('/lib/mqrepl'));
    const { payload: space } = await click('how much is free?', 'bytes free');
    assert.ok((space as { free: number }).free > 0);
    const { payload: progress } = await click('write 200 kB', 'how far it is');
    assert.equal((progress as { percent: number }).percent, 100);
    const { payload: removed } = await click('clear up', 'what was removed');
    assert.deepEqual(removed, { path: '/big.txt', removed: 1 });
  });

  it('backup: copies every file of a board into a folder of this day', async () => {
    await load('backup-every-night.json');
    const listed = next(id('one by one'));
    node(id('at 3')).receive({});
    const entries = (await listed).payload as Array<{ path: string; type: string; size: number }>;
    const files = entries.filter(({ type }) => type === 'file');
    assert.ok(files.length > 20);
    await nextMany(id('copied to'), files.length);
    const folder = join(userDir, 'mqboard', 'backup', 'demo/shed');
    const [day = ''] = readdirSync(folder);
    assert.match(day, /^\d{4}-\d\d-\d\d$/);
    for (const { path, size } of files) {
      assert.equal(readFileSync(join(folder, day, path)).length, size, path);
    }
  });

  it('push: brings a folder to all boards when something in it changes', async () => {
    const folder = join(userDir, 'pushed');
    mkdirSync(folder);
    await load('push-on-change.json', { FOLDER: folder });
    const first = nextMany(id('what was done'), 2);
    writeFileSync(join(folder, 'greeting.py'), 'print("hello")\n');
    const reports = await first;
    assert.deepEqual(reports.map(({ board }) => board).sort(), [...prefixes].sort());
    for (const { payload } of reports) {
      const { put, removed } = payload as { put: number; removed: number };
      assert.deepEqual([put, removed], [1, 0]);
    }
    const again = nextMany(id('what was done'), 2);
    node(id('every hour')).receive({});
    for (const { payload } of await again) assert.equal((payload as { same: number }).same, 1);
  });
});
