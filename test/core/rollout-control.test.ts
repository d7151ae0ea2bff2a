import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Crowd } from '../support/crowd';
import { rolloutOver } from './rollout-support';

/** Long enough for whatever should not happen. */
const moment = () => new Promise((resolve) => setTimeout(resolve, 20));

describe('Who watches over a roll-out', () => {
  it('pauses it: no board is begun, those under way end; and resumes it', async () => {
    const crowd = Crowd.of(4, { 1: { holds: 'sending' } });
    const rollout = await rolloutOver(crowd, { atOnce: 1 });
    const sending = once(rollout, 'progress');
    rollout.start();
    await sending;
    rollout.pause();
    assert.equal(rollout.isPaused, true);
    crowd.release('1');
    await once(rollout, 'board');
    await moment();
    assert.deepEqual(crowd.sent, { 1: 1 });
    const resumed = once(rollout, 'resumed');
    rollout.resume();
    await resumed;
    const { counts } = await rollout.done;
    assert.equal(counts.updated, 4);
  });

  it('may pause it before it begins', async () => {
    const crowd = Crowd.of(2);
    const rollout = await rolloutOver(crowd);
    rollout.pause();
    rollout.start();
    await moment();
    assert.deepEqual(crowd.sent, {});
    rollout.resume();
    assert.equal((await rollout.done).counts.updated, 2);
  });

  it('aborts it: what is being sent is cancelled, what is on trial is waited for', async () => {
    const crowd = Crowd.of(4, { 1: { holds: 'trial' }, 2: { holds: 'sending' } });
    const rollout = await rolloutOver(crowd, { atOnce: 2 });
    let sending = 0;
    const both = new Promise<void>((resolve) => {
      rollout.on('progress', ({ board, phase }) => {
        if (board === '2' || phase === 'trial') sending++;
        if (sending === 2) resolve();
      });
    });
    rollout.start();
    await both;
    rollout.abort();
    await new Promise(setImmediate);
    crowd.release('1');
    const { state, counts, open, why } = await rollout.done;
    assert.deepEqual([state, why], ['aborted', 'It was aborted.']);
    assert.deepEqual([counts.updated, open], [1, ['2', '3', '4']]);
    assert.equal(crowd.member('2').tried, 0);
  });

  it('aborts it twice, and waits for nothing', async () => {
    const crowd = Crowd.of(1, { 1: { holds: 'trial' } });
    const rollout = await rolloutOver(crowd);
    const onTrial = new Promise<void>((resolve) => {
      rollout.on('progress', ({ phase }) => phase === 'trial' && resolve());
    });
    rollout.start();
    await onTrial;
    rollout.abort();
    rollout.abort();
    const { state, open } = await rollout.done;
    assert.deepEqual([state, open], ['aborted', ['1']]);
    crowd.release('1');
  });

  it('aborts it before it begins, and nothing is sent', async () => {
    const crowd = Crowd.of(2);
    const rollout = await rolloutOver(crowd);
    rollout.abort();
    const { state } = await rollout.start().done;
    assert.equal(state, 'aborted');
    assert.deepEqual(crowd.sent, {});
  });
});

describe('A roll-out that waits for boards', () => {
  it('waits for one with something else on trial, which would refuse it', async () => {
    const trial = { id: 'cable', what: 'config', version: '5', state: 'trial' } as const;
    const crowd = Crowd.of(1, { 1: { info: { update: trial } } });
    const rollout = (await rolloutOver(crowd)).start();
    await once(rollout, 'wave');
    await moment();
    assert.deepEqual(crowd.sent, {});
    Object.assign(crowd.member('1').info, { update: { ...trial, state: 'undone' } });
    crowd.present('1', true);
    assert.equal((await rollout.done).counts.updated, 1);
  });

  it('updates those that are asleep when they come, without a wait for their wave', async () => {
    const crowd = Crowd.of(5, { 2: { online: false }, 4: { online: false } });
    const wishes = { wake: true, waves: [3], waitMs: 0 };
    const rollout = await rolloutOver(crowd, wishes);
    const awake = new Promise<void>((resolve) => {
      rollout.on('board', () => rollout.now.counts.updated === 3 && resolve());
    });
    rollout.start();
    await awake;
    await moment();
    assert.deepEqual(crowd.sent, { 1: 1, 3: 1, 5: 1 });
    crowd.member('4').habits.holds = 'sending';
    const begun = new Promise<void>((resolve) => {
      rollout.on('progress', ({ board }) => board === '4' && resolve());
    });
    crowd.present('4', true);
    await begun;
    // It comes while the other one's wave is under way, and may be asleep again when that ends.
    const other = once(rollout, 'board');
    crowd.present('2', true);
    assert.equal((await other)[0].board, '2');
    crowd.release('4');
    const { counts } = await rollout.done;
    assert.equal(counts.updated, 5);
  });

  it('is not held up by a board that goes away, and tries it again when it is back', async () => {
    const crowd = Crowd.of(2, { 1: { online: false, saidToBe: true } });
    const rollout = await rolloutOver(crowd, { wake: true });
    rollout.start();
    await once(rollout, 'board');
    await moment();
    crowd.present('1', true);
    const { results } = await rollout.done;
    assert.deepEqual(
      results.map(({ outcome }) => outcome),
      ['updated', 'updated'],
    );
  });

  it('waits no longer than until its deadline', async () => {
    const crowd = Crowd.of(2, { 2: { online: false } });
    const { results } = await (await rolloutOver(crowd, { wake: true, deadlineMs: 80 })).start()
      .done;
    assert.deepEqual(
      results.map(({ outcome, attempts }) => [outcome, attempts]),
      [
        ['updated', 1],
        ['unreachable', 0],
      ],
    );
    assert.match(results[1]?.reason ?? '', /not there in the time/);
  });

  it('proves its canaries first, also where they have to wake up', async () => {
    const crowd = Crowd.of(3, {
      1: { online: false, does: 'undoes it' },
      2: { online: false },
      3: { online: false },
    });
    const rollout = await rolloutOver(crowd, { wake: true, canaries: 1 });
    rollout.start();
    await moment();
    for (const board of ['1', '2', '3']) crowd.present(board, true);
    const { state, counts } = await rollout.done;
    assert.deepEqual([state, counts.open], ['stopped', 2]);
  });
});
