import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Board, Connection } from '../../../core/index';
import { Workbench } from '../../core/support';
import { type Cut, DoomedBoard, onceBack, sweep } from '../../support/power-sweep';
import { boardAt, hostAt, type Stage, stageOf, started } from '../../support/stage';

/** As many as the flash keeps: another one takes the place of the oldest. */
const EARLIER = ['first', 'second', 'third', 'fourth'];
const LAST = 'last';
const PREFIX = 'cut/board';

const crashOf = (name: string) => `
import asyncio
async def fail_${name}():
    raise ValueError("${name}")
failing = asyncio.create_task(fail_${name}())`;

describe('A power cut while a crash is written to the flash', () => {
  const bench = new Workbench();
  const folder = mkdtempSync(join(tmpdir(), 'mqboard-cuts-'));
  let stage: Stage;
  let connection: Connection;
  let copies = 0;

  before(async () => {
    stage = await stageOf('aedes', bench);
    connection = await hostAt(stage, bench);
  });
  after(async () => {
    await bench.clear();
    rmSync(folder, { recursive: true, force: true });
  });

  const boardOf = (name: string) => ({
    virtual: boardAt(stage, bench, { prefix: PREFIX, runtime: 'unix', flash: join(folder, name) }),
    board: bench.board(connection, PREFIX),
  });

  it('costs none of the reports that were there, and at most the new one', async () => {
    const { virtual, board } = boardOf('prepared');
    await started(virtual);
    for (const name of EARLIER) await crash(board, name);
    await virtual.powerCut();
    const wholes: boolean[] = [];
    const cuts = await sweep(['prepared'], async (prepared, cut) => {
      const { wasCut, isThere } = await cutCopyOf(prepared, cut);
      wholes.push(isThere);
      return wasCut;
    });
    assert.ok(cuts > 5, `${cuts} cuts`);
    assert.deepEqual(new Set(wholes), new Set([false, true]));
  });

  async function cutCopyOf(prepared: string, cut: Cut) {
    const copy = `copy-${copies++}`;
    cpSync(join(folder, prepared), join(folder, copy), { recursive: true });
    const { virtual, board } = boardOf(copy);
    await started(virtual);
    const doomed = new DoomedBoard(virtual, board);
    const wasCut = await doomed.cutDuring(cut, (signal) => crash(board, LAST, signal));
    const isThere = await onceBack(() => assertWhole(board, cut));
    assert.ok(isThere || wasCut);
    await board.list('/', { recursive: true, hash: true });
    await crash(board, 'afterwards');
    await virtual.stop();
    return { wasCut, isThere };
  }

  /** Every report that has to be there is there, and can be read. Returns whether the last one is. */
  async function assertWhole(board: Board, { writes, torn }: Cut): Promise<boolean> {
    const crashes = await board.crashes();
    const found = crashes.map(({ text }) => text?.replace('ValueError: ', ''));
    const isThere = found[0] === LAST;
    const newestFirst = EARLIER.toReversed();
    const kept = isThere ? [LAST, ...newestFirst.slice(0, 3)] : newestFirst;
    // Until the oldest has made room for it, there may be one more.
    assert.deepEqual(found.slice(0, 4), kept, `after ${writes} writes, torn: ${torn}`);
    for (const { id } of crashes) {
      const { exception, log } = await board.crash(id);
      assert.ok(exception && log.length > 0, `report ${id} is not whole`);
    }
    return isThere;
  }
});

/** Lets a task fail, and waits until its report is in the flash. */
async function crash(board: Board, name: string, signal?: AbortSignal): Promise<void> {
  const options = signal ? { signal } : {};
  await onceBack(() => board.eval(crashOf(name), options));
  for (const deadline = Date.now() + 20_000; ; ) {
    const [newest] = await board.crashes(options);
    if (newest?.text === `ValueError: ${name}`) return;
    assert.ok(Date.now() < deadline, `no report of ${name} within 20 s`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
