import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Workbench } from '../../core/support';
import { assertBalanced, LogScene } from '../../support/log-scene';

/** The outage of 60 s at 20 lines a second is `npm run bench -- outages`: here time runs ten times as fast. */
describe('What a board says while nobody hears it', () => {
  const bench = new Workbench();
  afterEach(() => bench.clear());

  for (const runtime of ['unix', 'wasm'] as const) {
    it(`arrives or is counted after 1200 lines without a broker, ${runtime}`, async () => {
      const scene = await LogScene.set(bench, { runtime, lines: 1300, rate: 200 });
      await scene.virtual.start();
      await scene.heard(20);
      await scene.brokerDown(6000);
      const settled = await scene.settled();
      assertBalanced(settled);
      const { books } = settled;
      assert.ok(books.lost > 900, `${books.lost} lines were lost of a buffer of 4 KiB`);
      assert.ok(books.arrived.some(({ backlog }) => backlog));
      const errors = books.arrived.filter(({ level, text }) => level === 'E' && /^line/.test(text));
      assert.equal(errors.length, 26 + 3, 'an error gave way to something less severe');
    });

    it(`arrives or is counted over 10 random outages, ${runtime}`, async () => {
      const seed = Math.floor(Math.random() * 2 ** 31);
      try {
        const scene = await LogScene.set(bench, { runtime, lines: 100_000, rate: 200 });
        await scene.virtual.start();
        await scene.heard(20);
        await scene.randomOutages(10, seed);
        await scene.quiet();
        assertBalanced(await scene.settled());
      } catch (error) {
        console.error(`the outages were those of seed ${seed}`);
        throw error;
      }
    });

    it(`arrives, or is counted by the next boot, where a reset ends the outage, ${runtime}`, async () => {
      // Only after a power-on: the next boot lives on.
      const end = 'import machine\nif machine.reset_cause() == 1: machine.reset()';
      const scene = await LogScene.set(bench, { runtime, lines: 400, rate: 200, end });
      const { virtual, ledger, fleet, proxy } = scene;
      const reset = once(virtual, 'reset');
      await virtual.start();
      await scene.heard(20);
      await scene.cut(500);
      await scene.heard(100);
      proxy.refuse();
      proxy.cut();
      await reset;
      const said = linesOn(virtual.lines);
      proxy.restore();
      const { info, missing } = await fleet.booted(2);
      const [[mark, books] = ['', undefined]] = ledger.boots;
      assert.equal(info?.last?.said, said);
      assert.equal(books && books.arrived.length + books.lost + (missing ?? 0), said);
      const sums = fleet.sums.get(mark);
      assert.equal(sums && sums.arrived + sums.lost + sums.missing + (missing ?? 0), said);
      assert.ok((missing ?? 0) > 10, `${missing} lines were lost with the reset`);
      assertBalanced(await scene.settled());
    });
  }
});

/** How many lines of a log are on a console. */
function linesOn(lines: readonly string[]): number {
  return lines.filter((line) => /^[CEWID] [\d:.]+ /.test(line)).length;
}
