import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Boards, type CrashEvent, Fleet, type KnownBoard } from '../../../core/index';
import { Workbench } from '../../core/support';
import { CrashLoop } from '../../support/crash-loop';
import { hostAt, type Stage, stageOf } from '../../support/stage';

const BOOTS = 25;
/** Before them there is one that goes well, and one behind. */
const ALL = 1 + BOOTS + 1;

interface After {
  blockWrites: number;
  nvsWrites: number;
  crashes: CrashEvent[];
  known: KnownBoard | undefined;
}

/** Lets a board die at each of so many boots and then live, until it has told of it. */
async function lived(death: string, prefix: string, bench: Workbench, stage: Stage) {
  const connection = await hostAt(stage, bench);
  const boards = bench.keep(new Boards(connection), (kept) => kept.close());
  const fleet = bench.keep(new Fleet(connection, boards), (kept) => kept.close());
  const crashes: CrashEvent[] = [];
  await fleet.watch([prefix], { crash: (crash) => void crashes.push(crash) });
  const loop = CrashLoop.of(death, bench, stage, { prefix, runtime: 'unix' });
  await loop.run(BOOTS);
  const { virtual } = loop;
  const isBack = () => fleet.known(prefix)?.online && fleet.known(prefix)?.info?.boots === ALL;
  while (!isBack()) await once(fleet, 'change');
  const unseen = async () => (await boards.get(prefix).crashes()).some(({ seen }) => !seen);
  while (await unseen())
    await once(fleet, 'change', { signal: AbortSignal.timeout(500) }).catch(() => {});
  const { blockWrites, nvsWrites } = virtual;
  console.log(`      ${prefix}: ${blockWrites} block writes, ${nvsWrites} of NVS`);
  return { blockWrites, nvsWrites, crashes, known: fleet.known(prefix) };
}

/** On the unix runtime, whose flash counts how often it is written. */
describe(`A crash loop of ${BOOTS} boots`, () => {
  const bench = new Workbench();
  const loops = {
    exception: 'class Fatal(BaseException): pass\nraise Fatal("no such pin")',
    hang: 'import machine\nmachine.WDT(timeout=50)\nwhile True: pass',
    unexplained: 'import machine\nmachine.reset()',
    both: 'import crash, machine\ncrash.report(ValueError("no such pin"), "start")\nmachine.WDT(timeout=50)\nwhile True: pass',
  };
  const became: Partial<Record<keyof typeof loops, After>> = {};

  before(async () => {
    const stage = await stageOf('aedes', bench);
    const run = async (name: keyof typeof loops) => {
      became[name] = await lived(loops[name], `loop/${name}`, bench, stage);
    };
    await Promise.all((Object.keys(loops) as Array<keyof typeof loops>).map(run));
  });
  after(() => bench.clear());

  for (const kind of ['exception', 'hang', 'unexplained'] as const) {
    it(`that ends each in the same way (${kind}) is one report, written once, and counted`, () => {
      const { blockWrites, crashes, known } = became[kind] as After;
      assert.ok(blockWrites > 0 && blockWrites <= 20, `${blockWrites} block writes`);
      assert.equal(crashes.length, 1);
      const [{ count, report, restarted }] = crashes as [CrashEvent];
      assert.deepEqual([crashes[0]?.kind, count, report?.again], [kind, BOOTS, BOOTS - 1]);
      assert.equal(restarted, true);
      assert.equal(report?.doing, 'start looping');
      assert.equal(known?.info?.boots, ALL);
      assert.equal(known?.info?.reset, kind === 'exception' ? 'crash' : kind);
    });
  }

  it('that ends in two ways in turns writes a few reports of each, and counts on', () => {
    const { blockWrites, crashes } = became.both as After;
    assert.ok(blockWrites > 20 && blockWrites <= 100, `${blockWrites} block writes`);
    const kinds = new Set(crashes.map(({ kind }) => kind));
    assert.deepEqual([...kinds].sort(), ['exception', 'hang']);
    const hangs = crashes.filter(({ kind }) => kind === 'hang').map(({ count }) => count);
    assert.ok(Math.max(...hangs) > BOOTS - 5, `${hangs}`);
  });

  it('writes NVS once a boot', () => {
    for (const { nvsWrites } of Object.values(became)) {
      assert.ok(nvsWrites <= BOOTS + 2, `${nvsWrites} writes`);
    }
  });
});
