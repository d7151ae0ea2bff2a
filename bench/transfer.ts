import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Board } from '../core/index';
import { startMosquitto } from '../test/support/mosquitto';
import { type CeilingOptions, ceiling, WARM_UP } from './ceiling';
import { type Figure, median } from './figures';
import { withBareBoard } from './session';

const RUNS = 5;
const PREFIX = 'bench/transfer';
const SIZES = { '10 kB': 10 * 1024, '100 kB': 100 * 1024, '1 MB': 1024 * 1024 };

/** What a board may spend on receiving: the default, and one with memory to spare. */
const BUDGETS = [
  { name: '4 kB', chunk: 4096, mqtt: '' },
  { name: '32 kB', chunk: 16384, mqtt: '"max_payload": 16394, "rx_buffer": 32768' },
];

/**
 * Rates of put and get on a board of the unix port, against a bare client that only takes publishes
 * of the same size. The bare client gets a broker without Nagle's algorithm and with no limit on what is in
 * flight, so that nothing holds it up; the board the default settings.
 */
export async function measure(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const budget of BUDGETS) figures.push(...(await measureBudget(budget)));
  return figures;
}

async function measureBudget({ name, chunk, mqtt }: (typeof BUDGETS)[number]): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'mqboard-bench-'));
  const broker = await startMosquitto({});
  const eager = await startMosquitto({
    configLines: ['set_tcp_nodelay true', 'max_inflight_messages 0'],
  });
  const file = join(folder, 'taken');
  const bare = { port: broker.port, prefix: PREFIX, heapKilobytes: 512, mqtt };
  const figures: Figure[] = [];
  try {
    await withBareBoard(broker.url, bare, async (board) => {
      for (const [label, size] of Object.entries(SIZES)) {
        const most = async (qos: 0 | 1, how: CeilingOptions['how']) =>
          median(await ceiling({ port: eager.port, size, chunk, qos, how, file }, RUNS));
        const against = [
          { what: 'bare, QoS 1, 32 kB at once, to a file', value: await most(1, 'buffer') },
          { what: 'bare, the same, read back and hashed', value: await most(1, 'verified') },
          { what: 'bare, QoS 1, thrown away', value: await most(1, 'packets') },
          { what: 'bare, QoS 0, thrown away', value: await most(0, 'packets') },
        ];
        const rates = await transfers(board, size);
        for (const what of ['put', 'get'] as const) {
          const value = median(rates[what]);
          for (const other of against) {
            figures.push({
              what: `${what} ${label}, budget ${name}`,
              value,
              unit: 'kB/s',
              against: other,
            });
          }
        }
      }
    });
    return figures;
  } finally {
    await broker.stop();
    await eager.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Content that does not compress, and is new each time, so that nothing is saved; in kB/s. */
async function transfers(board: Board, size: number): Promise<{ put: number[]; get: number[] }> {
  const rates = { put: [] as number[], get: [] as number[] };
  for (let run = -WARM_UP; run < RUNS; run += 1) {
    const content = randomBytes(size);
    let started = performance.now();
    await board.put('/bench.bin', content);
    const put = performance.now() - started;
    started = performance.now();
    const { data } = await board.get('/bench.bin');
    const get = performance.now() - started;
    // Else the next put would compare what is there: it has the same size.
    await board.remove('/bench.bin');
    if (!data?.equals(content)) throw new Error('what came back is not what was sent');
    if (run < 0) continue;
    rates.put.push(size / 1.024 / put);
    rates.get.push(size / 1.024 / get);
  }
  return rates;
}
