import { Workbench } from '../test/core/support';
import { LogScene, type Settled } from '../test/support/log-scene';
import type { Figure } from './figures';

const RATE = 20;
const OUTAGE_S = 60;
/** Some before the outage, and some after it. */
const LINES = RATE * (OUTAGE_S + 5);

/**
 * What becomes of the lines of a board that logs steadily, with log buffers of 4 KiB, while its broker is
 * down: on both runtimes, at the same time.
 */
export async function measure(): Promise<Figure[]> {
  const runtimes = ['unix', 'wasm'] as const;
  const settled = await Promise.all(runtimes.map(outage));
  return runtimes.flatMap((runtime, i) => figures(runtime, settled[i] as Settled));
}

async function outage(runtime: 'unix' | 'wasm'): Promise<Settled> {
  const bench = new Workbench();
  try {
    const scene = await LogScene.set(bench, { runtime, lines: LINES, rate: RATE });
    await scene.virtual.start();
    await scene.heard(2 * RATE);
    await scene.brokerDown(OUTAGE_S * 1000);
    return await scene.settled();
  } finally {
    await bench.clear();
  }
}

function figures(runtime: string, { said, books, sums }: Settled): Figure[] {
  const all = sums.arrived + sums.lost + sums.missing;
  return [
    { what: `lines said, ${runtime}`, value: said, unit: 'lines' },
    { what: 'of these arrived', value: books.arrived.length, unit: 'lines' },
    { what: 'of these were counted as lost by the board', value: books.lost, unit: 'lines' },
    { what: 'of these are unaccounted for', value: books.unaccounted(said).length, unit: 'lines' },
    {
      what: 'said, minus what core says arrived, was lost or is missing',
      value: said - all,
      unit: 'lines',
    },
  ];
}
