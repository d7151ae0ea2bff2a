import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Board } from '../../../core/index';
import type { VirtualBoard } from '../../../simulator';
import { Workbench } from '../../core/support';
import { contents, sha256 } from '../../support/contents';
import type { FaultProxy } from '../../support/fault-proxy';
import { onceBack } from '../../support/power-sweep';
import { seeded } from '../../support/random-faults';
import { boardAt, hostAt, proxyTo, type Stage, stageOf, started } from '../../support/stage';

const PREFIX = 'interrupted/board';
const SIZE = 500_000;
const PATH = '/firmware.bin';
const OLD = contents.text(50_000, 1);

describe('A put of 500 kB that is interrupted', () => {
  const bench = new Workbench();
  let stage: Stage;
  let proxy: FaultProxy;
  let virtual: VirtualBoard;
  let board: Board;

  beforeEach(async () => {
    stage = await stageOf('mosquitto', bench);
    proxy = await proxyTo(stage, bench);
    const mqtt = { pause_min: 0.1 };
    virtual = boardAt(stage, bench, { prefix: PREFIX, port: proxy.port, flashSize: '2m', mqtt });
    await started(virtual);
    board = bench.board(await hostAt(stage, bench), PREFIX);
    await board.put(PATH, OLD);
    proxy.throttle(1_000_000); // so that there is a middle
  });
  afterEach(() => bench.clear());

  const hashOnBoard = async () => (await onceBack(() => board.hash(PATH))).sha256;
  const leftovers = async () => {
    const source = '[name for name in __import__("os").listdir("/") if name.startswith(".mqb")]';
    return (await onceBack(() => board.eval(source))).value;
  };

  /** Waits until the board has heard that the put was given up. */
  async function untilIdle(): Promise<void> {
    while ((await board.eval('len(sys.modules["mqrepl.running"].replies)')).value) {}
  }

  /** A put, and when a good part of it has arrived. */
  function putting(data: Buffer, signal?: AbortSignal) {
    let arrived = () => {};
    const middle = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const done = board.put(PATH, data, {
      ...(signal && { signal }),
      onProgress: ({ bytes }) => bytes > 250_000 && bytes < SIZE && arrived(),
    });
    return { done, middle };
  }

  it('by a broker that is killed and started again ends right by itself, 3 of 3 times', async () => {
    for (let i = 0; i < 3; i++) {
      const data = contents.random(SIZE, i);
      const { done, middle } = putting(data);
      await middle;
      await stage.mosquitto?.kill();
      await stage.mosquitto?.restart();
      await done;
      assert.equal(await hashOnBoard(), sha256(data));
    }
  });

  it('by a power cut goes on where it was and ends right by itself, 3 of 3 times', async () => {
    let before = OLD;
    for (let i = 0; i < 3; i++) {
      const data = contents.random(SIZE, i);
      const { done, middle } = putting(data);
      await middle;
      await virtual.powerCut();
      await started(virtual);
      assert.ok([before, data].map(sha256).includes(await hashOnBoard()), 'old or new');
      assert.ok((await done).resumedAt >= 65_536, `it went on at ${(await done).resumedAt}`);
      assert.equal(await hashOnBoard(), sha256(data));
      before = data;
    }
  });

  it('by power cuts at any block write, again and again, ends right, and so does what runs beside it', async () => {
    const random = seeded(1);
    const files = [150_000, 60_000, 3000].map((size, i) => contents.random(size, 10 + i));
    const puts = Promise.all(files.map((data, i) => board.put(`/beside${i}`, data)));
    for (let cuts = 0; cuts < 5; cuts++) {
      const cut = once(virtual, 'power-cut').then(() => true);
      virtual.cutPowerAfter(1 + Math.floor(random() * 500), { torn: cuts % 2 === 1 });
      assert.ok(await Promise.race([cut, puts.then(() => false)]), 'the puts are under way');
      await started(virtual);
    }
    await puts;
    for (const [i, data] of files.entries()) {
      assert.equal((await onceBack(() => board.hash(`/beside${i}`))).sha256, sha256(data));
    }
    assert.deepEqual(await leftovers(), []);
  });

  it('by its caller leaves the old file, and a later put of the same goes on where it was', async () => {
    const caller = new AbortController();
    const data = contents.random(SIZE, 7);
    const { done, middle } = putting(data, caller.signal);
    await middle;
    caller.abort();
    await assert.rejects(done, { code: 'ABORTED' });
    assert.equal(await hashOnBoard(), sha256(OLD));
    const { resumedAt, wireBytes } = await board.put(PATH, data);
    assert.ok(resumedAt > 65_536 && wireBytes < SIZE - 65_536, `${resumedAt}, ${wireBytes}`);
    assert.equal(await hashOnBoard(), sha256(data));
    assert.deepEqual(await leftovers(), []);
  });

  it('by its caller is no hindrance to another content, and what is left of it goes by itself', async () => {
    const caller = new AbortController();
    const { done, middle } = putting(contents.random(SIZE, 7), caller.signal);
    await middle;
    caller.abort();
    await assert.rejects(done);
    const other = contents.random(20_000, 8);
    assert.equal((await board.put(PATH, other)).resumedAt, 0);
    assert.equal(((await leftovers()) as string[]).length, 1);
    for (let i = 0; i < 4; i++) {
      await virtual.powerCut();
      await started(virtual);
    }
    assert.deepEqual(await leftovers(), []);
    assert.equal(await hashOnBoard(), sha256(other));
  });

  it('by its caller gives its room to a put that needs it', async () => {
    const caller = new AbortController();
    const { done, middle } = putting(contents.random(SIZE, 7), caller.signal);
    await middle;
    caller.abort();
    await assert.rejects(done);
    await untilIdle();
    proxy.restore();
    const { free = 0 } = await board.stat('/');
    await board.put('/large', contents.zeros(free + 50_000));
    assert.deepEqual(await leftovers(), []);
  });
});
