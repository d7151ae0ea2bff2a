import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Board } from '../core/index';
import { appImage, sealImage } from '../simulator/app-image';
import { startMosquitto } from '../test/support/mosquitto';
import { ceiling, WARM_UP } from './ceiling';
import { type Figure, median } from './figures';
import { withBareBoard } from './session';

const RUNS = 5;
const PREFIX = 'bench/image';
const SIZE = 1_500_000;
const BLOCK = 4096;
/** What the original takes an image at on the same port, in kB/s; measured once. */
const ORIGINAL = 260;
/** As in the bench `transfer`. */
const BUDGETS = [
  { name: '4 kB', chunk: 4096, mqtt: '' },
  { name: '32 kB', chunk: 16384, mqtt: '"max_payload": 16394, "rx_buffer": 32768' },
];

/**
 * Rates of a firmware image on a board of the unix port, from the call until the board has read it back and is about to
 * restart: the whole of it, and a delta to what runs. The partitions are files, so no flash takes its time.
 */
export async function measure(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'mqboard-bench-'));
  const broker = await startMosquitto({});
  const eager = await startMosquitto({
    configLines: ['set_tcp_nodelay true', 'max_inflight_messages 0'],
  });
  const running = appImage({ size: SIZE, seed: 1 });
  const figures: Figure[] = [];
  try {
    for (const { name, chunk, mqtt } of BUDGETS) {
      const file = join(folder, 'taken');
      const most = async (how: 'buffer' | 'verified') =>
        median(await ceiling({ port: eager.port, size: SIZE, chunk, qos: 1, how, file }, RUNS));
      const against = [
        { what: 'bare, QoS 1, 32 kB at once, to a file', value: await most('buffer') },
        { what: 'bare, the same, read back and hashed', value: await most('verified') },
        { what: 'the original', value: ORIGINAL },
      ];
      const bare = { port: broker.port, prefix: PREFIX, heapKilobytes: 512, mqtt, image: running };
      await withBareBoard(broker.url, bare, async (board) => {
        const whole = await flashes(board, (run) => appImage({ size: SIZE, seed: 100 + run }));
        const what = `image of 1.5 MB, budget ${name}`;
        for (const other of against) {
          figures.push({ what, value: median(whole.rates), unit: 'kB/s', against: other });
        }
        const delta = await flashes(board, (run) => changed(running, run));
        figures.push({
          what: `the same with 5 % of its blocks changed, budget ${name}`,
          value: median(delta.rates),
          unit: 'kB/s',
          against: { what: 'whole', value: median(whole.rates) },
        });
        figures.push({
          what: `bytes of it on the wire, budget ${name}`,
          value: delta.wireBytes / 1024,
          unit: 'kB',
          against: { what: 'whole', value: whole.wireBytes / 1024 },
        });
      });
    }
    return figures;
  } finally {
    await broker.stop();
    await eager.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Every twentieth block another one, which ones depends on the run. */
function changed(image: Buffer, run: number): Buffer {
  const copy = Buffer.from(image);
  const fresh = appImage({ size: image.length, seed: 200 + run });
  for (let block = 1 + (Math.abs(run) % 20); block * BLOCK < image.length; block += 20) {
    fresh.copy(copy, block * BLOCK, block * BLOCK, (block + 1) * BLOCK);
  }
  sealImage(copy);
  return copy;
}

async function flashes(board: Board, make: (run: number) => Buffer) {
  const rates: number[] = [];
  let wireBytes = 0;
  for (let run = -WARM_UP; run < RUNS; run += 1) {
    const image = make(run);
    const begun = performance.now();
    wireBytes = await flash(board, image);
    const took = performance.now() - begun;
    if (run >= 0) rates.push(image.length / 1.024 / took);
    // The bare board does not restart: what it was to try is forgotten.
    await board.eval('os.remove("/boot.state")');
  }
  return { rates, wireBytes };
}

/** Ends where the board would restart. Returns the bytes that were sent. */
async function flash(board: Board, image: Buffer): Promise<number> {
  const given = new AbortController();
  let sent = 0;
  let isWritten = false;
  try {
    await board.flash(image, {
      signal: given.signal,
      onProgress({ phase, total }) {
        if (phase === 'sending') sent = total ?? sent;
        if (phase !== 'restarting') return;
        isWritten = true;
        given.abort();
      },
    });
  } catch (error) {
    if (!isWritten) throw error;
  }
  return sent;
}
