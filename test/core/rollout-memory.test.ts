import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mock } from 'node:test';
import fc from 'fast-check';
import { Rollout, rolloutMemory } from '../../core/index';
import { Crowd, type Habits, PocketMemory } from '../support/crowd';
import { appRelease, rolloutOver } from './rollout-support';

/** Resolves when a board has come to this point. */
function reached(rollout: Rollout, board: string, phase: string): Promise<void> {
  return new Promise((resolve) => {
    rollout.on('progress', (progress) => {
      if (progress.board === board && progress.phase === phase) resolve();
    });
  });
}

describe('A roll-out whose host restarts', () => {
  let memory: PocketMemory;
  beforeEach(() => {
    memory = new PocketMemory();
  });

  it('goes on where it was: no board is sent twice what it has', async () => {
    const crowd = Crowd.of(6, { 3: { holds: 'sending' } });
    const first = await rolloutOver(crowd, { memory, waves: [2] });
    const others = new Promise<void>((resolve) => {
      first.on('board', ({ board }) => board === '4' && resolve());
    });
    first.start();
    await others;
    await first.close();
    const { state, counts } = await first.done;
    assert.deepEqual([state, counts.updated, counts.open], ['suspended', 3, 3]);
    crowd.release('3');
    const second = await Rollout.saved(crowd.site(memory));
    const waves: string[][] = [];
    second?.on('wave', ({ boards }) => void waves.push(boards));
    const result = await second?.start().done;
    assert.deepEqual([result?.id, result?.state, result?.counts.updated], ['night', 'done', 6]);
    assert.deepEqual(waves, [['5', '6']]);
    assert.deepEqual(crowd.sent, { 1: 1, 2: 1, 3: 2, 4: 1, 5: 1, 6: 1 });
    assert.deepEqual(
      [...crowd.members.values()].map(({ tried }) => tried),
      [1, 1, 1, 1, 1, 1],
    );
    assert.equal(await Rollout.saved(crowd.site(memory)), undefined);
    assert.equal(memory.content, undefined);
  });

  for (const does of ['takes it', 'undoes it'] as const) {
    for (const when of ['meanwhile', 'afterwards'] as const) {
      it(`finds what became of a board that was on trial and ${does} ${when}`, async () => {
        const crowd = Crowd.of(2, { 1: { does, holds: 'trial' } });
        const first = await rolloutOver(crowd, { memory, waves: [1] });
        const onTrial = reached(first, '1', 'trial');
        first.start();
        await onTrial;
        await first.close();
        if (when === 'meanwhile') crowd.release('1');
        await new Promise(setImmediate);
        const second = await rolloutOver(crowd, { memory });
        const again = reached(second, '1', 'trial');
        second.start();
        if (when === 'afterwards') {
          await again;
          crowd.release('1');
        }
        const { results, counts } = await second.done;
        assert.equal(crowd.member('1').tried, 1);
        assert.equal(results[0]?.outcome, does === 'takes it' ? 'updated' : 'rolled-back');
        if (does === 'undoes it') assert.equal(results[0]?.crash, '1.1');
        assert.equal(counts.open, 0);
      });
    }
  }

  it('waits for a board that restarts into its trial meanwhile', async () => {
    const crowd = Crowd.of(1, { 1: { holds: 'trial' } });
    const first = await rolloutOver(crowd, { memory });
    const onTrial = reached(first, '1', 'trial');
    first.start();
    await onTrial;
    await first.close();
    crowd.present('1', false);
    const second = await rolloutOver(crowd, { memory });
    const restarting = reached(second, '1', 'restarting');
    second.start();
    await restarting;
    await new Promise(setImmediate);
    crowd.present('1', true);
    crowd.release('1');
    const [result] = (await second.done).results;
    assert.deepEqual([result?.outcome, result?.attempts], ['updated', 1]);
    assert.equal(crowd.member('1').tried, 1);
  });

  it('takes no earlier failure of the same version for its own', async () => {
    const undone = { id: 'old', what: 'app', version: '2.0.0', state: 'undone' } as const;
    const crowd = Crowd.of(1, { 1: { info: { update: undone } } });
    const { counts } = await (await rolloutOver(crowd, { memory })).start().done;
    assert.equal(counts.updated, 1);
  });

  it('is still paused', async () => {
    const crowd = Crowd.of(2);
    const first = await rolloutOver(crowd, { memory });
    first.pause();
    await first.start().close();
    const second = await Rollout.saved(crowd.site(memory));
    second?.start();
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(second?.isPaused, true);
    assert.deepEqual(crowd.sent, {});
    second?.resume();
    assert.equal((await second?.done)?.counts.updated, 2);
  });

  it('keeps to the boards that it began with, and to the wait between its waves', async () => {
    const crowd = Crowd.of(2);
    const wishes = { memory, waves: [1], waitMs: 150, targets: { boards: ['+'] } };
    const first = await rolloutOver(crowd, wishes);
    const board = once(first, 'board');
    const begun = performance.now();
    first.start();
    await board;
    await new Promise((resolve) => setTimeout(resolve, 10));
    await first.close();
    crowd.join('new');
    const { counts } = await (await rolloutOver(crowd, wishes)).start().done;
    assert.equal(counts.total, 2);
    assert.ok(performance.now() - begun > 140);
  });

  it('waits between its waves no longer than it is to, although the clock was set back', async () => {
    const crowd = Crowd.of(2);
    const wishes = { memory, waves: [1], waitMs: 50 };
    const first = await rolloutOver(crowd, wishes);
    const board = once(first, 'board');
    first.start();
    await board;
    await first.close();
    const state = JSON.parse(memory.text ?? '');
    memory.text = JSON.stringify({ ...state, open: false, nextAt: Date.now() + 9e9 });
    const { counts } = await (await rolloutOver(crowd, wishes)).start().done;
    assert.equal(counts.updated, 2);
  });

  it('is another one where its content is', async () => {
    const crowd = Crowd.of(2, { 2: { holds: 'sending' } });
    const first = await rolloutOver(crowd, { memory });
    const sending = reached(first, '2', 'sending');
    first.start();
    await sending;
    await first.close();
    crowd.release('2');
    const content = { release: await appRelease('3.0.0') };
    const { counts } = await (await rolloutOver(crowd, { memory, content })).start().done;
    assert.equal(counts.updated, 2);
  });

  it('says so when what it sends was lost', async () => {
    const crowd = Crowd.of(1);
    const first = await rolloutOver(crowd, { memory });
    first.pause();
    await first.start().close();
    memory.content = Buffer.from('junk');
    await assert.rejects(Rollout.saved(crowd.site(memory)), {
      code: 'ROLLOUT_LOST',
      message: /begin it again/,
    });
  });

  it('comes out the same however often that happens, whatever the boards do', async () => {
    const habits: fc.Arbitrary<Habits> = fc.record({
      does: fc.constantFrom('takes it', 'undoes it', 'refuses it', 'falls silent'),
      breaksOff: fc.nat(1),
      online: fc.constantFrom(true, true, undefined),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(habits, { minLength: 1, maxLength: 8 }),
        fc.array(fc.nat(12), { maxLength: 6 }),
        fc.integer({ min: 1, max: 4 }),
        async (boards, restarts, atOnce) => {
          const crowd = new Crowd(Object.fromEntries(boards.map((own, i) => [`b${i}`, own])));
          let own = new PocketMemory();
          const wishes = { atOnce, trialMs: 1 };
          for (const turns of restarts) {
            const rollout = (await rolloutOver(crowd, { ...wishes, memory: own })).start();
            for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
            // As when the process is killed: nothing of how it closes is written down.
            if (turns % 2) own = own.copy();
            await rollout.close();
            if ((await rollout.done).state === 'done') break;
          }
          const begun = own.text !== undefined;
          const last = begun
            ? await Rollout.saved(crowd.site(own))
            : await rolloutOver(crowd, { ...wishes, memory: own });
          const { results } = last ? await last.start().done : own.result();
          assert.equal(results.length, boards.length);
          for (const [index, { does }] of boards.entries()) {
            const member = crowd.member(`b${index}`);
            assert.ok(member.tried <= 1, `${member.tried} trials`);
            const outcome = results[index]?.outcome ?? '';
            const wanted = WANTED[does ?? 'takes it'];
            assert.ok(wanted?.includes(outcome), `${does}: ${outcome}`);
          }
          assert.ok(crowd.busiest <= atOnce);
        },
      ),
      { numRuns: 150 },
    );
  });
});

/** A host that restarts again and again may use up all the tries that a board has. */
const WANTED: Record<string, string[]> = {
  'takes it': ['updated', 'failed'],
  'undoes it': ['rolled-back', 'failed'],
  'refuses it': ['refused'],
  'falls silent': ['failed', 'unreachable'],
};

describe('A board that fails repeatedly', () => {
  afterEach(() => mock.timers.reset());

  it('is left alone for a time, in later roll-outs too, and longer each time', async () => {
    mock.timers.enable({ apis: ['Date'], now: 1_800_000_000_000 });
    const crowd = Crowd.of(2, { 1: { does: 'undoes it' } });
    const memory = new PocketMemory();
    const night = async (id: string) => {
      const rollout = await rolloutOver(crowd, { id, memory, quarantineMs: 100 });
      return (await rollout.start().done).results[0];
    };
    assert.equal((await night('1'))?.outcome, 'rolled-back');
    assert.equal((await night('2'))?.outcome, 'rolled-back');
    mock.timers.tick(99);
    const left = await night('3');
    assert.equal(left?.outcome, 'refused');
    assert.match(left?.reason ?? '', /failed 2 times in a row.*It never connected/);
    assert.equal(left?.leftAloneUntil, Date.now() + 1);
    mock.timers.tick(1);
    assert.equal((await night('4'))?.outcome, 'rolled-back');
    assert.equal((await night('5'))?.leftAloneUntil, Date.now() + 200);
    assert.equal(crowd.member('1').tried, 3);
  });

  it('is tried with another content, and trusted again when that comes through', async () => {
    const crowd = Crowd.of(1, { 1: { does: 'undoes it' } });
    const memory = new PocketMemory();
    for (const id of ['1', '2']) await (await rolloutOver(crowd, { id, memory })).start().done;
    crowd.member('1').habits.does = 'takes it';
    const content = { release: await appRelease('2.0.1') };
    const { counts } = await (await rolloutOver(crowd, { id: '3', memory, content })).start().done;
    assert.equal(counts.updated, 1);
    assert.deepEqual(JSON.parse(memory.text ?? '').trouble, {});
  });
});

describe('The memory of a roll-out', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mqboard-rollout-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is a folder that is made when it is needed', async () => {
    const crowd = Crowd.of(3, { 2: { holds: 'sending' } });
    const path = join(folder, 'deep', 'down');
    const content = { release: await appRelease() };
    const plan = { id: 'x', content, targets: ['+'] };
    const first = new Rollout(plan, crowd.site(rolloutMemory(path)));
    const sending = reached(first, '2', 'sending');
    first.start();
    await sending;
    await first.close();
    crowd.release('2');
    const { mode } = await stat(join(path, 'content'));
    assert.equal(mode & 0o077, 0, 'others may not read what may have passwords');
    const second = await Rollout.saved(crowd.site(rolloutMemory(path)));
    assert.equal((await second?.start().done)?.counts.updated, 3);
    assert.equal(await rolloutMemory(path).loadContent(), undefined);
  });

  it('counts for nothing where it is not one', async () => {
    const crowd = Crowd.of(1);
    await writeFile(join(folder, 'rollout.json'), '{"version":1,"boards":[{');
    const rollout = await Rollout.saved(crowd.site(rolloutMemory(folder)));
    assert.equal(rollout, undefined);
  });

  it('may have been edited by anybody', async () => {
    const crowd = Crowd.of(2, { 2: { holds: 'sending' } });
    const memory = new PocketMemory();
    const first = await rolloutOver(crowd, { memory });
    const sending = reached(first, '2', 'sending');
    first.start();
    await sending;
    await first.close();
    crowd.release('2');
    const [text, content] = [memory.text ?? '', memory.content];
    const paths = fc.constantFrom(...Object.keys(JSON.parse(text)));
    await fc.assert(
      fc.asyncProperty(paths, fc.jsonValue({ maxDepth: 3 }), async (key, value) => {
        const own = new PocketMemory();
        own.text = JSON.stringify({ ...JSON.parse(text), [key]: value });
        own.content = content;
        const fresh = Crowd.of(2);
        const { counts } = await (await rolloutOver(fresh, { memory: own })).start().done;
        assert.ok(counts.total > 0 || key === 'boards');
        await Rollout.saved(fresh.site(own)).catch(({ code }) =>
          assert.equal(code, 'ROLLOUT_LOST'),
        );
      }),
      { numRuns: 200 },
    );
  });

  it('that fails is warned of once, and stops nothing', async () => {
    const memory = new PocketMemory();
    memory.save = async () => Promise.reject(new Error('EROFS'));
    const warnings: string[] = [];
    const note = ({ message }: Error) => void warnings.push(message);
    process.on('warning', note);
    const { counts } = await (await rolloutOver(Crowd.of(5), { memory })).start().done;
    await new Promise(setImmediate);
    process.off('warning', note);
    assert.equal(counts.updated, 5);
    assert.deepEqual(warnings, ['EROFS']);
  });
});
