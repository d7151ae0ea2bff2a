import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Rollout, type SharedStream } from '../../core/index';
import { Crowd } from '../support/crowd';
import { appRelease, rolloutOver, wavesOf } from './rollout-support';

describe('A roll-out', () => {
  it('brings each board the release, once, and says so of each and of all', async () => {
    const crowd = Crowd.of(5);
    const rollout = await rolloutOver(crowd);
    const told: string[] = [];
    rollout.on('board', ({ board, outcome }) => void told.push(`${board} ${outcome}`));
    const result = await rollout.start().done;
    assert.deepEqual(crowd.sent, { 1: 1, 2: 1, 3: 1, 4: 1, 5: 1 });
    assert.deepEqual(
      told.sort(),
      ['1', '2', '3', '4', '5'].map((board) => `${board} updated`),
    );
    assert.equal(result.state, 'done');
    assert.equal(result.counts.updated, 5);
    assert.equal(result.counts.total, 5);
    assert.equal(result.wireBytes, 500);
    assert.deepEqual([result.what, result.version], ['app', '2.0.0']);
  });

  it('counts once what went to many boards at once', async () => {
    const crowd = Crowd.of(3);
    const content = { release: await appRelease() };
    const share = { bytes: () => 7000 } as SharedStream;
    const plan = { id: 'night', content, targets: ['1', '2', '3'] };
    const { wireBytes } = await new Rollout(plan, { ...crowd.site(), share }).start().done;
    assert.equal(wireBytes, 7000 + 300);
  });

  it('leaves alone a board that has that version, and mends one whose files were changed', async () => {
    const has = { releases: { app: { name: 'oven', version: '2.0.0' } } };
    const changed = { releases: { app: { name: 'oven', version: '2.0.0', modified: true } } };
    const other = { releases: { app: { name: 'stove', version: '2.0.0' } } };
    const crowd = new Crowd({
      has: { info: has },
      away: { info: has, online: false },
      changed: { info: changed as typeof has },
      other: { info: other },
    });
    const { results } = await (await rolloutOver(crowd)).start().done;
    assert.deepEqual(
      results.map(({ board, outcome, attempts }) => [board, outcome, attempts]),
      [
        ['has', 'already', 0],
        ['away', 'already', 0],
        ['changed', 'updated', 1],
        ['other', 'already', 1],
      ],
    );
    assert.deepEqual(crowd.sent, { changed: 1 });
  });

  it('tells what a board undid, refused, or could not be sent, and why', async () => {
    const crowd = Crowd.of(6, {
      2: { does: 'undoes it' },
      3: { does: 'refuses it' },
      4: { breaksOff: 9 },
      5: { does: 'falls silent' },
      6: { online: false },
    });
    const { results, counts } = await (await rolloutOver(crowd, { retries: 2 })).start().done;
    assert.deepEqual(
      results.map(({ outcome, attempts }) => [outcome, attempts]),
      [
        ['updated', 1],
        ['rolled-back', 1],
        ['refused', 1],
        ['failed', 3],
        ['failed', 1],
        ['unreachable', 0],
      ],
    );
    assert.equal(results[1]?.reason, 'It never connected.');
    assert.equal(results[1]?.crash, '1.1');
    assert.match(results[2]?.reason ?? '', /needs MicroPython 9.9/);
    assert.match(results[5]?.reason ?? '', /offline/);
    assert.deepEqual([counts.open, counts.total, counts.failed], [0, 6, 2]);
  });

  it('tries a board again whose transfer broke off', async () => {
    const crowd = Crowd.of(1, { 1: { breaksOff: 2 } });
    const { results } = await (await rolloutOver(crowd, { retries: 2 })).start().done;
    assert.deepEqual([results[0]?.outcome, results[0]?.attempts], ['updated', 3]);
  });

  it('waits for the broker without counting that against a board', async () => {
    const crowd = Crowd.of(1);
    crowd.unconnected = true;
    const rollout = await rolloutOver(crowd, { retries: 0 });
    setTimeout(() => {
      crowd.unconnected = false;
    }, 50);
    const { results } = await rollout.start().done;
    assert.deepEqual([results[0]?.outcome, results[0]?.attempts], ['updated', 1]);
  });

  it('updates no more boards at once than it is told to', async () => {
    const crowd = Crowd.of(30);
    const { counts } = await (await rolloutOver(crowd, { atOnce: 4 })).start().done;
    assert.equal(crowd.busiest, 4);
    assert.equal(counts.updated, 30);
  });

  it('is over at once where no board is meant', async () => {
    const crowd = Crowd.of(2);
    const { state, counts } = await (await rolloutOver(crowd, { targets: { tag: 'none' } })).start()
      .done;
    assert.deepEqual([state, counts.total], ['done', 0]);
  });

  it('goes on when one who is told of it throws', async () => {
    const crowd = Crowd.of(3);
    const rollout = await rolloutOver(crowd);
    rollout.on('board', () => {
      throw new Error('not me');
    });
    const warned = once(process, 'warning');
    const { counts } = await rollout.start().done;
    assert.equal(counts.updated, 3);
    assert.match(((await warned) as Error[])[0]?.message ?? '', /not me/);
  });

  it('takes no plan that makes no sense', async () => {
    const release = await appRelease();
    const crowd = Crowd.of(1);
    const bad: Array<Parameters<typeof rolloutOver>[1]> = [
      { atOnce: 0 },
      { waves: ['many%' as `${number}%`] },
      { waves: [0] },
      { waves: ['0%'] },
      { stopAt: { percent: Number.NaN } },
      { targets: [] },
      { targets: ['site/#/oven'] },
      { canaries: '3' as unknown as number },
      { content: { image: Buffer.alloc(1000) } },
    ];
    for (const wishes of bad) {
      await assert.rejects(
        rolloutOver(crowd, { content: { release }, ...wishes }),
        { name: 'InvalidInputError' },
        JSON.stringify(wishes),
      );
    }
  });
});

describe('The canaries of a roll-out', () => {
  it('are first, and stop it when one of them goes back', async () => {
    const crowd = Crowd.of(10, { 2: { does: 'undoes it' } });
    const rollout = await rolloutOver(crowd, { canaries: 2 });
    const stopped = once(rollout, 'stopped');
    const { state, why, counts, open } = await rollout.start().done;
    assert.equal(state, 'stopped');
    assert.equal(why, 'The canary 2 went back to what it had: It never connected.');
    assert.deepEqual(await stopped, [{ why }]);
    assert.deepEqual([counts.updated, counts['rolled-back'], counts.open], [1, 1, 8]);
    assert.equal(open.length, 8);
    assert.deepEqual(crowd.sent, { 1: 1, 2: 1 });
  });

  it('are replaced by others where they are not there or take no such release', async () => {
    const crowd = Crowd.of(6, { 1: { does: 'refuses it' }, 2: { online: false, saidToBe: true } });
    const rollout = await rolloutOver(crowd, { canaries: 2 });
    const waves = wavesOf(rollout);
    const { counts } = await rollout.start().done;
    assert.deepEqual(waves, [
      ['1', '2'],
      ['3', '4'],
      ['5', '6'],
    ]);
    assert.deepEqual([counts.updated, counts.refused, counts.unreachable], [4, 1, 1]);
  });
});

describe('The waves of a roll-out', () => {
  it('have the sizes that the plan says, the last of them again and again', async () => {
    const crowd = Crowd.of(20);
    const rollout = await rolloutOver(crowd, { canaries: 1, waves: [2, '25%'] });
    const waves = wavesOf(rollout);
    await rollout.start().done;
    assert.deepEqual(
      waves.map(({ length }) => length),
      [1, 2, 5, 5, 5, 2],
    );
    assert.deepEqual(waves.flat(), [...crowd.members.keys()]);
  });

  it('begin when those before are over and the wait is', async () => {
    const crowd = Crowd.of(3);
    const rollout = await rolloutOver(crowd, { waves: [1], waitMs: 60 });
    const times: number[] = [];
    rollout.on('wave', () => {
      assert.equal(crowd.busy, 0);
      times.push(performance.now());
    });
    await rollout.start().done;
    const [first = 0, second = 0, third = 0] = times;
    assert.ok(second - first >= 59 && third - second >= 59, `${times}`);
  });

  it('are not waited for behind one that changed no board', async () => {
    const crowd = Crowd.of(3, { 1: { does: 'refuses it' }, 2: { does: 'refuses it' } });
    for (const name of ['1', '2']) crowd.member(name).habits.online = false;
    const { counts } = await (await rolloutOver(crowd, { waves: [1], waitMs: 3_600_000 })).start()
      .done;
    assert.deepEqual([counts.unreachable, counts.updated], [2, 1]);
  });

  it('take the boards that are there first, and those that are not all at once at the end', async () => {
    const crowd = Crowd.of(6, { 1: { online: false }, 3: { online: false }, 5: { online: false } });
    const rollout = await rolloutOver(crowd, { waves: [2] });
    const waves = wavesOf(rollout);
    const { counts } = await rollout.start().done;
    assert.deepEqual(waves, [['2', '4'], ['6'], ['1', '3', '5']]);
    assert.deepEqual([counts.updated, counts.unreachable], [3, 3]);
  });

  it('are as large as they may be also where the registry is wrong about who is there', async () => {
    const habits = { online: true, saidToBe: false };
    const crowd = Crowd.of(5, { 1: habits, 2: habits, 3: habits, 4: habits, 5: habits });
    const rollout = await rolloutOver(crowd, { waves: [2], atOnce: 9 });
    const { counts } = await rollout.start().done;
    assert.equal(counts.updated, 5);
    assert.equal(crowd.busiest, 2);
  });
});

describe('A roll-out with a limit', () => {
  const bad = { does: 'undoes it' } as const;

  it('stops when more boards failed than it says', async () => {
    const crowd = Crowd.of(20, { 2: bad, 4: bad, 6: bad });
    const wishes = { waves: [1], stopAt: { failed: 2 } };
    const { state, why, counts } = await (await rolloutOver(crowd, wishes)).start().done;
    assert.equal(state, 'stopped');
    assert.equal(why, '3 of 6 boards that were tried failed: more than 2.');
    assert.equal(counts.open, 14);
  });

  it('stops at a share of those that were tried, not before enough of them were', async () => {
    const crowd = Crowd.of(20, { 1: bad, 8: { does: 'refuses it' }, 11: bad, 12: bad });
    const wishes = { waves: [1], stopAt: { percent: 20, atLeast: 5 } };
    const { why, counts } = await (await rolloutOver(crowd, wishes)).start().done;
    assert.equal(why, '3 of 11 boards that were tried failed: more than 20 %.');
    assert.equal(counts.open, 8);
  });

  it('lets those end that are under way, and begins no other', async () => {
    const crowd = Crowd.of(6, { 1: bad, 2: { holds: 'sending' } });
    const rollout = await rolloutOver(crowd, { atOnce: 2, stopAt: { failed: 0 } });
    const stopped = once(rollout, 'stopped');
    rollout.start();
    await stopped;
    crowd.release('2');
    const { counts } = await rollout.done;
    assert.deepEqual([counts['rolled-back'], counts.updated, counts.open], [1, 1, 4]);
  });

  it('stops at more than a tenth of at least five where nothing else is said', async () => {
    const crowd = Crowd.of(50, { 10: bad, 20: bad, 21: bad, 22: bad });
    const rollout = await rolloutOver(crowd, { waves: [1], stopAt: undefined as never });
    const { why } = await rollout.start().done;
    assert.equal(why, '3 of 21 boards that were tried failed: more than 10 %.');
  });

  it('may say of how many only, and of a small share of all', async () => {
    const crowd = Crowd.of(50, { 1: bad, 2: bad, 3: bad, 40: bad });
    const wishes = { waves: ['0.5%' as const], stopAt: { atLeast: 30 } };
    const { state, why } = await (await rolloutOver(crowd, wishes)).start().done;
    assert.deepEqual([state, why], ['done', undefined]);
  });
});
