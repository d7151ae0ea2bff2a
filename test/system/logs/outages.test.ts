import assert from 'node:assert/strict';
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
      const { said, books } = await scene.settled();
      assertBalanced(books, said);
      assert.ok(books.lost > 900, `${books.lost} lines were lost of a buffer of 4 KiB`);
      assert.ok(books.arrived.some(({ backlog }) => backlog));
      const errors = books.arrived.filter(({ level, text }) => level === 'E' && /^line/.test(text));
      assert.equal(errors.length, 26 + 3, 'an error gave way to something less severe');
    });

    it(`arrives or is counted over 20 random outages, ${runtime}`, async () => {
      const seed = Math.floor(Math.random() * 2 ** 31);
      try {
        const scene = await LogScene.set(bench, { runtime, lines: 100_000, rate: 200 });
        await scene.virtual.start();
        await scene.heard(20);
        await scene.randomOutages(20, seed);
        await scene.quiet();
        const { said, books } = await scene.settled();
        assertBalanced(books, said);
      } catch (error) {
        console.error(`the outages were those of seed ${seed}`);
        throw error;
      }
    });
  }
});
