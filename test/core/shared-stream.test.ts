import assert from 'node:assert/strict';
import { buildRelease, InvalidInputError, SharedStream } from '../../core/index';
import { appImage } from '../../simulator/app-image';
import { Workbench } from './support';
import { fleetOf, noise, release } from './update-support';

const SIZE = 60_000;

describe('A stream that several boards share', () => {
  const bench = new Workbench();
  afterEach(() => bench.clear());

  const outcomes = (results: Array<{ outcome: string }>) => results.map(({ outcome }) => outcome);

  it('is sent once, whatever the boards ask for at a time', async () => {
    const windows = [4096, 6000, 16_384, 40_000, 8192];
    const { boards, share } = await fleetOf(
      bench,
      windows.map((window) => ({ window })),
    );
    const wanted = await release('2', SIZE);
    const results = await Promise.all(boards.map(({ board }) => board.deploy(wanted, { share })));
    assert.deepEqual(outcomes(results), Array(5).fill('updated'));
    assert.ok(share.bytes() > SIZE && share.bytes() < 1.05 * SIZE, `${share.bytes()} bytes`);
    for (const { wireBytes } of results) assert.equal(wireBytes, wanted.text.length);
  });

  it('waits for those who need longer, to get ready or to take what came before', async () => {
    const slow = [{ stagesFor: 700 }, { fetchesFor: 400 }];
    const { boards, share } = await fleetOf(bench, [{}, ...slow]);
    const files = [...Array(40).keys()].map((n) => ({
      path: `${n}.bin`,
      data: noise(1500, `${n}`),
    }));
    const wanted = await buildRelease({ slot: 'app', name: 'many', files });
    const results = await Promise.all(boards.map(({ board }) => board.deploy(wanted, { share })));
    assert.deepEqual(outcomes(results), Array(3).fill('updated'));
    assert.ok(share.bytes() < 1.05 * SIZE, `${share.bytes()} bytes`);
  });

  it('is sent compressed to those who inflate, and as it is to others', async () => {
    const { broker, connection, boards, share } = await fleetOf(bench, [{}, {}]);
    for (const prefix of ['shed/8', 'shed/9']) {
      const remote = await bench.scripted(broker.url, prefix, {
        updates: {},
        info: { inflate: 10 },
      });
      boards.push({ prefix, remote, board: bench.board(connection, prefix) });
    }
    const files = [{ path: 'a.txt', data: Buffer.alloc(SIZE, 'all the same ') }];
    const wanted = await buildRelease({ slot: 'app', name: 'oven', version: '1', files });
    const results = await Promise.all(boards.map(({ board }) => board.deploy(wanted, { share })));
    assert.deepEqual(outcomes(results), Array(4).fill('updated'));
    assert.ok(share.bytes() > SIZE && share.bytes() < 1.3 * SIZE, `${share.bytes()} bytes`);
  });

  it('is made good where one of the boards missed something, for that one alone', async () => {
    const { boards, share } = await fleetOf(bench, [{}, { missesShared: [4096, 20_480] }, {}]);
    const wanted = await release('2', SIZE);
    const results = await Promise.all(boards.map(({ board }) => board.deploy(wanted, { share })));
    assert.deepEqual(outcomes(results), Array(3).fill('updated'));
    assert.ok(share.bytes() < 1.05 * SIZE, `${share.bytes()} bytes`);
    const [first = 0, second = 0, third = 0] = results.map(({ wireBytes }) => wireBytes);
    // A board that is slow asks once more, and is sent something twice.
    const least = Math.min(first, third);
    assert.ok(second > least && second < least + SIZE / 2, `${second - least} bytes for the one`);
  });

  it('goes on without a board that stays behind, and serves that one by itself', async () => {
    const { boards, share } = await fleetOf(bench, [{}, { stuckAt: 10_000 }, {}]);
    const wanted = await release('2', SIZE);
    const [first, stuck, third] = boards.map(({ board }) => board.deploy(wanted, { share }));
    const begun = performance.now();
    assert.deepEqual(outcomes([(await first) as never, (await third) as never]), [
      'updated',
      'updated',
    ]);
    const took = performance.now() - begun;
    assert.ok(took > 1500 && took < 20_000, `${took} ms`);
    const slow = boards[1]?.remote;
    if (slow) delete slow.updates.behaviour.stuckAt;
    await slow?.restart();
    assert.equal((await stuck)?.outcome, 'updated');
  });

  it('begins anew for who comes when it has begun', async () => {
    const { boards, share } = await fleetOf(bench, [{}, {}]);
    const wanted = await release('2', SIZE);
    const [one, two] = boards;
    let late: Promise<{ outcome: string }> | undefined;
    const onProgress = ({ done = 0 }) => {
      if (done > SIZE / 2) late ??= two?.board.deploy(wanted, { share });
    };
    assert.equal((await one?.board.deploy(wanted, { share, onProgress }))?.outcome, 'updated');
    assert.equal((await late)?.outcome, 'updated');
    assert.ok(share.bytes() > 2 * SIZE && share.bytes() < 2.1 * SIZE, `${share.bytes()} bytes`);
  });

  it('does not wait for a board that has all of it already, or that fails', async () => {
    const { boards, share } = await fleetOf(bench, [{}, {}, { failsAt: { stage: 'needs more' } }]);
    const wanted = await release('2', SIZE);
    await boards[0]?.board.deploy(wanted);
    const begun = performance.now();
    const results = await Promise.allSettled(
      boards.map(({ board }) => board.deploy(wanted, { share })),
    );
    assert.deepEqual(
      results.map((each) => (each.status === 'fulfilled' ? each.value.outcome : 'failed')),
      ['already', 'updated', 'failed'],
    );
    assert.ok(performance.now() - begun < 9000);
  });

  it('carries what boards lack of an image, to those that lack the same', async () => {
    const running = appImage({ size: 200_000, seed: 1 });
    const next = appImage({ size: 200_000, seed: 1, version: 'v2' });
    const { boards, share } = await fleetOf(bench, [
      { running },
      { running },
      { running: Buffer.alloc(9) },
    ]);
    const results = await Promise.all(boards.map(({ board }) => board.flash(next, { share })));
    assert.deepEqual(outcomes(results), Array(3).fill('updated'));
    const [one, two] = [2 * 4096, next.length];
    assert.ok(
      share.bytes() > one + two && share.bytes() < 1.1 * (one + two + 4096),
      `${share.bytes()}`,
    );
  });

  it('needs the beginning of a topic', async () => {
    const { connection } = await fleetOf(bench, []);
    assert.throws(() => new SharedStream(connection, 'a/+'), InvalidInputError);
  });
});
