import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Board, type SyncOptions, type SyncReport, syncBoard } from '../../core/index';
import type { Broker } from '../../demo/broker';
import { VirtualBoard } from '../../simulator/index';
import { Workbench } from './support';
import { localFolder } from './sync-support';

const PREFIX = 'sync/board';

describe('A sync with a board', () => {
  const bench = new Workbench();
  let broker: Broker;
  let board: Board;
  let virtual: VirtualBoard;
  let folder: string;

  before(async function () {
    this.timeout(30_000);
    broker = await bench.broker();
    virtual = new VirtualBoard({ url: broker.url, prefix: PREFIX });
    bench.keep(virtual, () => virtual.stop());
    await virtual.start();
    await virtual.waitForLine(/ready for commands/);
    board = bench.board(await bench.connected(broker.url), PREFIX);
  });
  after(() => bench.clear());

  beforeEach(() => {
    const files = {
      'greet.py': 'def hello():\n    return "hello from source 1"\n',
      'wrong.py': 'x = = 1\n',
      'data/ümläut 1.txt': 'ä'.repeat(5_000),
      'data/zeros.bin': Buffer.alloc(40_000),
      empty: null,
    };
    folder = bench.keep(localFolder(files), ({ remove }) => remove()).path;
  });
  afterEach(() => board.remove('/app', { what: 'all' }).catch(() => {}));

  const sync = (options: SyncOptions = {}): Promise<SyncReport> =>
    syncBoard(board, { kind: 'folder', folder, target: '/app' }, options);
  const onBoard = async () =>
    (await board.list('/app', { recursive: true })).map(({ path }) => path).sort();

  it('brings it into step, and then finds nothing to do', async () => {
    const report = await sync();
    assert.deepEqual([report.put, report.made, report.bytes > report.wireBytes], [4, 3, true]);
    assert.deepEqual(await onBoard(), [
      '/app/data',
      '/app/data/zeros.bin',
      '/app/data/ümläut 1.txt',
      '/app/empty',
      '/app/greet.py',
      '/app/wrong.py',
    ]);
    const { data } = await board.get('/app/data/ümläut 1.txt');
    assert.equal(data?.toString(), 'ä'.repeat(5_000));
    const again = await sync({ delete: true });
    assert.deepEqual([again.put, again.same, again.removed, again.made], [0, 4, 0, 0]);
  });

  it('sends bytecode that the board imports, and the newest of source and bytecode', async () => {
    await sync({ mpy: true });
    assert.ok((await onBoard()).includes('/app/greet.mpy'));
    const hello = async () => {
      const forget = 'import sys; sys.modules.pop("greet", None); sys.path.append("/app")';
      await board.eval(forget);
      return (await board.eval('__import__("greet").hello()')).value;
    };
    assert.equal(await hello(), 'hello from source 1');
    assert.deepEqual((await sync({ mpy: true })).put, 0);
    writeFileSync(join(folder, 'greet.py'), 'def hello():\n    return "source 2"\n');
    await sync();
    assert.equal(await hello(), 'source 2');
    writeFileSync(join(folder, 'greet.py'), 'def hello():\n    return "source 3"\n');
    await sync({ mpy: true });
    assert.equal(await hello(), 'source 3');
    assert.ok(!(await onBoard()).includes('/app/greet.py'));
  });

  it('removes what is extra, and leaves the firmware alone', async () => {
    await sync();
    rmSync(join(folder, 'data'), { recursive: true });
    const report = await sync({ delete: true });
    assert.equal(report.removed, 3);
    const whole = await syncBoard(
      board,
      { kind: 'list', target: '/', files: [{ path: 'app/only.txt', content: 'x' }] },
      { delete: true },
    );
    assert.deepEqual(await onBoard(), ['/app/only.txt']);
    assert.ok(whole.skipped > 5);
    assert.equal((await board.eval('1 + 1')).value, 2);
  });

  it('tells how far all files together are, up to the end', async () => {
    const seen: number[] = [];
    const totals = new Set<number>();
    const report = await sync({
      onProgress: ({ bytes, total }) => {
        seen.push(bytes);
        totals.add(total);
      },
    });
    assert.deepEqual([...totals], [report.bytes]);
    assert.equal(seen.at(-1), report.bytes);
    assert.deepEqual(
      seen,
      [...seen].sort((a, b) => a - b),
    );
  });

  it('stops when it is cancelled, and goes on when it is run again', async () => {
    const controller = new AbortController();
    const cancelled = sync({
      signal: controller.signal,
      onAction: ({ action }) => action === 'put' && controller.abort(),
    });
    await assert.rejects(cancelled, { code: 'ABORTED' });
    const rest = await sync();
    assert.ok(rest.same >= 1 && rest.put >= 1, `${rest.same} the same, ${rest.put} put`);
    assert.equal(rest.same + rest.put, 4);
  });

  it('goes on by itself when the broker restarts in the middle', async function () {
    this.timeout(30_000);
    let restarted: Promise<void> | undefined;
    const report = await sync({
      onAction: ({ action, path }) => {
        if (action !== 'mkdir' || path !== '/app') return;
        restarted = broker.restart();
      },
    });
    assert.ok(restarted, 'it was in the middle');
    await restarted;
    assert.equal(report.put, 4);
    assert.equal((await sync()).same, 4);
  });
});
