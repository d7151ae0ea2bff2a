import assert from 'node:assert/strict';
import { type Board, MqboardError } from '../../core/index';
import type { VirtualBoard } from '../../simulator';
import { Workbench } from '../core/support';
import { contents } from '../support/contents';
import { onceBack } from '../support/power-sweep';
import { boardAt, hostAt, stageOf, started } from '../support/stage';

const MAKE_FILES = `
import os
os.mkdir("/many")
for i in range(500):
    with open("/many/a file with a rather long name %d" % i, "w") as file: file.write("x" * i)
`;

/** On the unix port, with a heap that leaves 40 KB free, of 64-bit objects. */
describe('A board with little memory', () => {
  const bench = new Workbench();
  let virtual: VirtualBoard;
  let board: Board;
  let resets = 0;

  before(async () => {
    const stage = await stageOf('aedes', bench);
    const prefix = 'small/heap';
    virtual = await started(boardAt(stage, bench, { prefix, heap: '215k', flashSize: '4m' }));
    virtual.on('reset', () => resets++);
    board = bench.board(await hostAt(stage, bench), prefix);
    await board.eval(MAKE_FILES, { timeoutMs: 30_000 });
  });
  after(() => bench.clear());

  /** How many went well; the others ended with an error in words. */
  async function atOnce(work: Array<Promise<unknown>>): Promise<number> {
    const ends = await Promise.allSettled(work);
    const failed = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []));
    for (const error of failed) assert.ok(error instanceof MqboardError, `${error}`);
    return ends.length - failed.length;
  }

  /** What fails for want of memory makes room, at the latest, for the next try. */
  const onceRid = <T>(act: () => Promise<T>) => act().catch(act);

  it('lives through more work with files than it has memory for', async () => {
    const data = contents.python(50_000, 1);
    for (let round = 0; round < 3; round++) {
      await atOnce(Array.from({ length: 12 }, () => board.list('/many', { hash: true })));
      await atOnce([0, 1, 2, 3, 4].map((n) => board.put(`/file${n}`, data)));
      await atOnce([0, 1, 2, 3, 4].map((n) => board.get(`/file${n}`)));
    }
    assert.equal((await onceRid(() => board.list('/many'))).length, 500);
    assert.equal((await onceRid(() => board.eval('1+1'))).value, 2);
    assert.equal(resets, 0);
    assert.ok(virtual.lines.every((line) => !/main failed/.test(line)));
  });

  it('removes a folder whose list of entries it has no memory for', async () => {
    assert.equal(await onceRid(() => board.remove('/many', { what: 'all' })), 501);
  });

  it('comes up in safe mode, from the safe copy, and back', async () => {
    await board.reset('normal', { wait: true }); // files were changed
    await onceBack(() => board.confirm());
    for (const mode of ['safe', 'normal'] as const) {
      await board.reset(mode, { wait: true });
      const source = '[__import__("__main__").mode, __import__("mqtt").__file__]';
      const { value } = await onceBack(() => board.eval(source));
      assert.deepEqual(value, [mode, `${mode === 'safe' ? '/safe' : ''}/lib/mqtt.py`]);
    }
  });
});
