import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Boards, type CrashEvent, Fleet } from '../../../core/index';
import { Workbench } from '../../core/support';
import { boardAt, hostAt, stageOf, started } from '../../support/stage';

/** Hangs in a call of `os` that is about the folder of the reports, until the watchdog bites. */
const stuckIn = (call: string) => `
import asyncio, machine, os, sys
class Stuck:
    def __getattr__(self, name):
        return getattr(os, name)
    def ${call}(self, path, *more):
        if path.startswith("/crashes"):
            machine.WDT(timeout=200)
            while True:
                pass
        return os.${call}(path, *more)
sys.modules["os"] = Stuck()
async def fail():
    raise ValueError("the first")
failing = asyncio.create_task(fail())`;

describe('A hang while a crash is written to the flash', () => {
  const bench = new Workbench();
  afterEach(() => bench.clear());

  for (const runtime of ['unix', 'wasm'] as const) {
    for (const [place, call] of [
      ['before the first byte', 'listdir'],
      ['before the report has its name', 'rename'],
    ] as const) {
      it(`costs neither of the two reports: ${place}, ${runtime}`, async () => {
        const stage = await stageOf('aedes', bench);
        const prefix = 'bitten/board';
        const connection = await hostAt(stage, bench);
        const boards = bench.keep(new Boards(connection), (kept) => kept.close());
        const fleet = bench.keep(new Fleet(connection, boards), (kept) => kept.close());
        const crashes: CrashEvent[] = [];
        const virtual = await started(boardAt(stage, bench, { prefix, runtime }));
        await boards.get(prefix).eval(stuckIn(call));
        const [cause] = await once(virtual, 'reset');
        assert.equal(cause, 'WDT');
        await fleet.watch(['#'], { crash: (crash) => void crashes.push(crash) });
        while (crashes.length < 2) await once(fleet, 'change');
        const found = crashes.map(({ kind, exception }) => exception?.message ?? kind);
        assert.deepEqual(found.sort(), ['hang', 'the first']);
      });
    }
  }
});
