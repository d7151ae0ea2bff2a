import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { VirtualBoard } from '../../simulator';
import type { Workbench } from '../core/support';
import { boardAt, type Stage, started } from './stage';

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

/**
 * A board that dies at each boot, before it is connected, for as long as it is told to. Its configuration
 * has no safe mode, which would end that after three boots.
 */
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
      config: 'modules.insert(0, "looping")\nsafe = {"tries": 0}\n',
    });
    return new CrashLoop(virtual, join(flash, 'state', 'loop'));
  }

  /** Lets it boot once and live, which tells boot.py its configuration; then die so many times, and then live. */
  async run(boots: number): Promise<void> {
    await started(this.virtual);
    await this.virtual.powerCut();
    writeFileSync(this.flag, '');
    await this.virtual.start();
    for (let boot = 0; boot < boots; boot += 1) await once(this.virtual, 'reset');
    rmSync(this.flag);
  }
}
