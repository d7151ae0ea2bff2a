import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { VirtualBoard } from '../../simulator';
import type { Workbench } from '../core/support';
import { boardAt, type Stage } from './stage';

const mainPy = readFileSync(join(__dirname, '../../firmware/main.py'), 'utf8');

const MODULE = `
import os


def start(mqtt, config):
    try:
        os.stat("/.state/loop")
        looping = True
    except OSError:
        looping = False
    if looping:
`;

/** A board that dies at each boot, before it is connected, for as long as it is told to. */
export class CrashLoop {
  private constructor(
    readonly virtual: VirtualBoard,
    private readonly flag: string,
  ) {}

  /** `death` is Python that runs when the modules are started. The board is not started yet. */
  static of(
    death: string,
    bench: Workbench,
    stage: Stage,
    options: { prefix: string; runtime: 'wasm' | 'unix' },
  ): CrashLoop {
    const flash = mkdtempSync(join(tmpdir(), 'mqboard-loop-'));
    bench.keep(flash, () => rmSync(flash, { recursive: true, force: true }));
    const virtual = boardAt(stage, bench, {
      ...options,
      flash,
      files: {
        'main.py': mainPy.replace(/^_PAUSE = const\(\d+\)/m, '_PAUSE = const(0)'),
        'lib/looping.py': MODULE + death.replaceAll(/^/gm, '        '),
      },
      config: 'modules.insert(0, "looping")\n',
    });
    const flag = join(flash, 'state', 'loop');
    writeFileSync(flag, '');
    return new CrashLoop(virtual, flag);
  }

  /** Lets it boot and die so many times, and then live. */
  async run(boots: number): Promise<void> {
    await this.virtual.start();
    for (let boot = 0; boot < boots; boot += 1) await once(this.virtual, 'reset');
    rmSync(this.flag);
  }
}
