import { setTimeout as sleep } from 'node:timers/promises';
import type { Board } from '../core/index';
import { startMosquitto } from '../test/support/mosquitto';
import { type Figure, median, percentile } from './figures';
import { RawClient } from './raw-client';
import { withBareBoard } from './session';

const ROUNDS = 5;
const PHASE_MS = 2_500;
/** Between two evals, so that they fall on all moments of a line's way. */
const PAUSE_MS = [2, 3, 5, 7, 11];
/** Lines a second: a storm, and what a talkative board says day by day. */
const RATES = [200, 20];
const PREFIX = 'bench/storm';

/** Runs on the board. `rate` is in lines a second; 0 is silence. */
const STORM = `
import asyncio, logging
rate = 0
said = 0
async def rage():
    global said
    log = logging.getLogger("storm")
    while True:
        if rate:
            said += 1
            log.info("line %d, as long as a line of the log usually is", said)
        await asyncio.sleep_ms(1000 // rate if rate else 10)
raging = asyncio.create_task(rage())
`;

/**
 * Round trip of an eval every few milliseconds while the board logs to the broker, against the same while
 * it logs nothing, in turns; and how many of the lines arrived.
 */
export async function measure(): Promise<Figure[]> {
  const broker = await startMosquitto({});
  const log = await RawClient.listen(broker.url, `${PREFIX}/log`, 1);
  let arrived = 0;
  log.each(() => {
    arrived += 1;
  });
  const options = { port: broker.port, prefix: PREFIX, heapKilobytes: 256 };
  try {
    return await withBareBoard(broker.url, options, async (board) => {
      await board.eval(STORM);
      await roundTrips(board);
      const figures = [];
      for (const rate of RATES) figures.push(...(await compared(board, rate, () => arrived)));
      return figures;
    });
  } finally {
    await log.close();
    await broker.stop();
  }
}

async function compared(board: Board, rate: number, arrived: () => number): Promise<Figure[]> {
  const runs: { idle: number[]; storm: number[]; share: number }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    await logAt(board, 0);
    const idle = await roundTrips(board);
    const before = arrived();
    const said = await logAt(board, rate);
    const storm = await roundTrips(board);
    const all = (await logAt(board, 0)) - said;
    await settled(board);
    runs.push({ idle, storm, share: (100 * (arrived() - before)) / all });
  }
  const middle = (which: 'idle' | 'storm', share: number) =>
    median(runs.map((run) => percentile(run[which], share)));
  return [
    ...[0.5, 0.99].map((share) => ({
      what: `eval during ${rate} log lines a second, p${share * 100}`,
      value: middle('storm', share),
      unit: 'ms',
      against: { what: 'idle', value: middle('idle', share) },
    })),
    {
      what: `lines that arrived of ${rate} a second`,
      value: median(runs.map(({ share }) => share)),
      unit: '%',
    },
  ];
}

/** Returns how many lines were said before. */
async function logAt(board: Board, rate: number): Promise<number> {
  return Number((await board.eval(`rate = ${rate}\nprint(said)`)).output);
}

async function settled(board: Board): Promise<void> {
  await board.eval('await asyncio.sleep_ms(300)');
}

async function roundTrips(board: Board): Promise<number[]> {
  const took: number[] = [];
  const end = performance.now() + PHASE_MS;
  while (performance.now() < end) {
    await sleep(PAUSE_MS[took.length % PAUSE_MS.length]);
    const started = performance.now();
    await board.eval('45+876');
    took.push(performance.now() - started);
  }
  return took;
}
