import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Rollout, type RolloutPlan, type RolloutResult, rolloutMemory } from '../../core/index';
import type { VirtualBoard } from '../../simulator';
import { Workbench } from '../core/support';
import { type Constitution, Host, oven, ovenRelease, trialWitness } from '../support/oven-fleet';
import { type Stage, stageOf, started } from '../support/stage';

const BOARDS = 50;
/** Every tenth is ill, and two of the others die. */
const ILL = Array.from({ length: BOARDS }, (_, i) => i).filter((i) => i % 10 === 9);
const DIES = [4, 13];
/** They are not there before the last of the roll-outs waits for them. */
const LATE = [7, 20];

function constitutionOf(board: number): Constitution {
  return ILL.includes(board) ? 'ill' : DIES.includes(board) ? 'dies' : 'sound';
}

describe(`A roll-out over ${BOARDS} boards`, () => {
  const bench = new Workbench();
  const folder = mkdtempSync(join(tmpdir(), 'mqboard-rollout-'));
  const names = Array.from({ length: BOARDS }, (_, i) => String(i));
  let stage: Stage;
  let ovens: VirtualBoard[];
  let witness: Map<string, Set<string>>;
  let host: Host;

  const site = () => host.fleet.site(rolloutMemory(folder));
  const there = names.filter((name) => !LATE.includes(Number(name)));
  const plan = async (version: string, kind: 'harmless' | 'picky' | 'bad', more: object) => {
    const content = { release: await ovenRelease(version, kind) };
    return { id: version, content, targets: there, canaries: 2, ...more } as RolloutPlan;
  };
  const say = ({ state, counts, elapsedMs, wireBytes }: RolloutResult) =>
    console.log(`      ${state}: ${JSON.stringify(counts)}, ${elapsedMs} ms, ${wireBytes} bytes`);
  const trialsOf = (version: string) =>
    names.map((name) => witness.get(`${name} ${version}`)?.size ?? 0);

  before(async function () {
    this.timeout(180_000);
    stage = await stageOf('mosquitto', bench);
    ovens = names.map((_, board) => oven(stage, bench, board, constitutionOf(board)));
    const begun = performance.now();
    const early = ovens.filter((_, board) => !LATE.includes(board));
    for (let i = 0; i < early.length; i += 10) {
      await Promise.all(early.slice(i, i + 10).map(started));
    }
    witness = await trialWitness(stage, bench);
    host = await Host.start(stage, bench, early.length);
    console.log(`      ${BOARDS} boards started in ${(performance.now() - begun).toFixed(0)} ms`);
  });
  after(async function () {
    this.timeout(60_000);
    await bench.clear();
    await rm(folder, { recursive: true });
  });

  it('stops at a canary that goes back, and touches no other board', async () => {
    const result = await new Rollout(await plan('1', 'bad', {}), site()).start().done;
    say(result);
    assert.equal(result.state, 'stopped');
    assert.match(result.why ?? '', /^The canary \d+ went back to what it had: oven says/);
    assert.equal(result.counts.open, there.length - 2);
    assert.equal(trialsOf('1').filter((trials) => trials > 0).length, 2);
  }).timeout(120_000);

  it('stops when too many boards of its waves go back', async () => {
    const more = { waves: [10], stopAt: { failed: 2 }, atOnce: 10 };
    const result = await new Rollout(await plan('2', 'picky', more), site()).start().done;
    say(result);
    assert.equal(result.state, 'stopped');
    assert.match(result.why ?? '', /boards that were tried failed: more than 2\.$/);
    const undone = result.results.filter(({ outcome }) => outcome === 'rolled-back');
    for (const { board, reason, crash } of undone) {
      const dies = DIES.includes(Number(board));
      assert.match(reason ?? '', dies ? /crashed/ : /oven says that it is not healthy/);
      assert.equal(crash !== undefined, dies, `crash of ${board}`);
    }
    assert.ok(result.counts.open >= there.length - 32, `${result.counts.open} left`);
    assert.equal(result.counts.updated + undone.length + result.counts.open, there.length);
  }).timeout(180_000);

  it('ends well over a pause, restarts of the host and boards that come late', async () => {
    const more = { waves: ['30%'], stopAt: {}, atOnce: 16, wake: true, targets: names };
    const begun = await plan('3', 'harmless', more);
    const few = (rollout: Rollout, updated: number) =>
      new Promise<void>((resolve) => {
        rollout.on('board', () => {
          if (rollout.now.counts.updated >= updated) resolve();
        });
      });
    const first = new Rollout(begun, site());
    const some = few(first, 4);
    first.start();
    await some;
    await first.close();
    await host.stop();
    host = await Host.start(stage, bench, BOARDS - LATE.length);
    const second = await Rollout.saved(site());
    assert.ok(second);
    const others = few(second, BOARDS / 3);
    second.start();
    await others;
    second.pause();
    await second.close();
    await host.stop();
    host = await Host.start(stage, bench, BOARDS - LATE.length);
    const third = await Rollout.saved(site());
    assert.ok(third);
    third.start();
    third.resume();
    for (const board of LATE) await ovens[board]?.start();
    const result = await third.done;
    say(result);
    assert.deepEqual([result.state, result.counts.updated, result.open], ['done', BOARDS, []]);
    assert.deepEqual(
      trialsOf('3'),
      names.map(() => 1),
    );
  }).timeout(240_000);
});
