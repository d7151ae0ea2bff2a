import assert from 'node:assert/strict';
import { Boards, type CrashEvent, Fleet } from '../../../core/index';
import { Workbench } from '../../core/support';
import { chatter } from '../../support/chatter';
import { begin, dying } from '../../support/dying';
import { boardAt, hostAt, stageOf, started } from '../../support/stage';

const BOARDS = 32;
const passed = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe(`A crash of one of ${BOARDS} boards that all log`, () => {
  const bench = new Workbench();
  after(() => bench.clear());

  it('is told within seconds, and nothing of what the others say is missing', async () => {
    const stage = await stageOf('mosquitto', bench);
    const connection = await hostAt(stage, bench);
    const boards = bench.keep(new Boards(connection), (kept) => kept.close());
    const fleet = bench.keep(new Fleet(connection, boards, { scope: 'crowd' }), (kept) =>
      kept.close(),
    );
    const lines = new Map<string, number>();
    let missing = 0;
    const crashed = new Promise<CrashEvent>((resolve) => {
      void fleet.watch(['#'], {
        log: (record) => {
          lines.set(record.board, (lines.get(record.board) ?? 0) + record.lines);
          missing += (record.missing ?? 0) + (record.lost ?? 0);
        },
        crash: resolve,
      });
    });
    const talk = chatter({ lines: 100_000, rate: 5 });
    const all = Array.from({ length: BOARDS }, (_, i) => {
      const prefix = `crowd/${i}`;
      const die = dying(prefix);
      return boardAt(stage, bench, {
        ...{ prefix, runtime: 'wasm' as const },
        ...{ files: { ...talk.files, ...die.files }, config: `${talk.config}${die.config}` },
      });
    });
    await Promise.all(all.map(started));
    await bench.board(connection, 'crowd/17').eval(begin('task'));
    const begun = performance.now();
    const { board, exception } = await crashed;
    const took = performance.now() - begun;
    assert.deepEqual([board, exception?.message], ['17', 'too hot']);
    assert.ok(took < 5000, `${took} ms`);
    const talking = () => [...lines.values()].filter((count) => count > 20).length;
    for (let tries = 0; talking() < BOARDS && tries < 300; tries += 1) await passed(100);
    assert.equal(talking(), BOARDS);
    console.log(`      after ${took.toFixed(0)} ms`);
    assert.equal(missing, 0);
  }).timeout(120_000);
});
