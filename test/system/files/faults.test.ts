import assert from 'node:assert/strict';
import { type Board, syncBoard } from '../../../core/index';
import { Workbench } from '../../core/support';
import { contents, sha256 } from '../../support/contents';
import type { FaultProxy } from '../../support/fault-proxy';
import { onceBack } from '../../support/power-sweep';
import { seeded } from '../../support/random-faults';
import { boardAt, hostAt, proxyTo, type Stage, stageOf, started } from '../../support/stage';

const PREFIX = 'faults/board';
/** A dead link is noticed sooner than by default, so that the tests need not wait. */
const BOARD_MQTT = { keepalive: 5, response_time: 2, pause_min: 0.1 };
const KEEPALIVE_SECONDS = 3;
const OLD = contents.text(1000, 0);

describe('Over a bad network', () => {
  const bench = new Workbench();
  let stage: Stage;
  /** Between board and broker, and between host and broker. */
  let boardsLink: FaultProxy;
  let hostsLink: FaultProxy;
  let board: Board;

  beforeEach(async () => {
    stage = await stageOf('mosquitto', bench);
    boardsLink = await proxyTo(stage, bench);
    hostsLink = await proxyTo(stage, bench);
    const virtual = boardAt(stage, bench, {
      ...{ prefix: PREFIX, port: boardsLink.port, mqtt: BOARD_MQTT, flashSize: '2m' },
    });
    await started(virtual);
    const host = { port: hostsLink.port, keepaliveSeconds: KEEPALIVE_SECONDS };
    board = bench.board(await hostAt(stage, bench, host), PREFIX);
    await board.put('/old', OLD);
  });
  afterEach(() => bench.clear());

  /** Two files there and two files back, at the same time, while the fault is on: all must end right. */
  async function bothWays(size: number, fault: () => void): Promise<void> {
    const sizes = [size, Math.floor(size / 2)];
    const there = sizes.map((bytes, i) => contents.random(bytes, i));
    const back = sizes.map((bytes, i) => contents.random(bytes, 2 + i));
    for (const [i, data] of back.entries()) await board.put(`/back${i}`, data);
    fault();
    const results = await Promise.all([
      ...there.map((data, i) => board.put(`/there${i}`, data).then((put) => put.sha256)),
      ...back.map((_, i) => board.get(`/back${i}`).then(({ data }) => sha256(data as Buffer))),
    ]);
    boardsLink.restore();
    hostsLink.restore();
    assert.deepEqual(results, [...there, ...back].map(sha256));
    for (const [i, data] of there.entries()) {
      const { sha256: stored } = await onceBack(() => board.hash(`/there${i}`));
      assert.equal(stored, sha256(data));
    }
    assert.equal((await board.hash('/old')).sha256, sha256(OLD));
  }

  it('that is 200 ms away, all transfers end right', async () => {
    await bothWays(60_000, () => boardsLink.delay(200));
  });

  it('that takes 20 kB a second, all transfers end right', async () => {
    await bothWays(40_000, () => boardsLink.throttle(20_000));
  });

  for (const [whose, link] of [
    ['board', () => boardsLink],
    ['host', () => hostsLink],
  ] as const) {
    describe(`between the ${whose} and the broker`, () => {
      it('that breaks in mid-packet every 30 to 100 kB, all transfers end right', async () => {
        const random = seeded(1);
        await bothWays(120_000, () =>
          link().cutAfter(() => 30_000 + Math.floor(random() * 70_000)),
        );
        assert.ok(link().cuts >= 2, `it broke ${link().cuts} times`);
      });

      it('that falls silent in the middle, all transfers end right', async () => {
        await bothWays(60_000, () => {
          link().throttle(50_000);
          setTimeout(() => link().goSilent(), 700);
        });
      });

      it('that breaks every 10 to 40 kB, a sync ends right', async () => {
        const random = seeded(2);
        const files = Array.from({ length: 10 }, (_, i) => ({
          path: `folder ${i % 3}/file ${i}`,
          content: contents.random(15_000 + i, i),
        }));
        link().cutAfter(() => 10_000 + Math.floor(random() * 30_000));
        const { put } = await syncBoard(board, { kind: 'list', target: '/site', files }, {});
        const broke = link().cuts;
        link().restore();
        assert.ok(put === 10 && broke >= 3, `${put} files, and it broke ${broke} times`);
        const listing = () => board.list('/site', { recursive: true, hash: true });
        const found = (await onceBack(listing)).filter(({ type }) => type === 'file');
        assert.deepEqual(
          new Map(found.map((entry) => [entry.path, entry.sha256])),
          new Map(files.map(({ path, content }) => [`/site/${path}`, sha256(content)])),
        );
      });
    });
  }

  for (const seed of [9, 106, 134]) {
    it(`of faults drawn by the seed ${seed}, all transfers end right`, async () => {
      await bothWays(150_000, () => {
        boardsLink.randomFaults(seed);
        if (seed === 9) hostsLink.randomFaults(seed + 1000);
      });
    });
  }

  it('that never comes back, a transfer ends in time with an error, and the file is the old one', async () => {
    const caller = board.put('/old', contents.random(200_000, 9), { timeoutMs: 4000 });
    const reader = board.get('/old', { timeoutMs: 4000 });
    boardsLink.swallow();
    boardsLink.goSilent();
    const begun = performance.now();
    const ended = await Promise.allSettled([caller, reader]);
    assert.ok(performance.now() - begun < 10_000);
    assert.equal(ended[0].status, 'rejected');
    boardsLink.restore();
    assert.equal((await board.hash('/old', { timeoutMs: 60_000 })).sha256, sha256(OLD));
  });
});
