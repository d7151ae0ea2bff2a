// Runs the benchmarks and prints their tables: `npm run bench` for all of them, or
// `npm run bench -- eval heap` for some. What was measured, and when, is kept in RESULTS.md.
import { cpus } from 'node:os';
import * as clientThroughput from './client-throughput';
import * as evalRoundTrip from './eval-round-trip';
import { type Figure, table } from './figures';
import * as heap from './heap';
import * as image from './image';
import * as logLine from './log-line';
import * as logLoad from './log-load/measure';
import * as manyBoards from './many-boards';
import * as outages from './outages';
import * as reconnect from './reconnect';
import * as rollout from './rollout/measure';
import * as startUp from './start-up';
import * as storm from './storm';
import * as transfer from './transfer';
import * as wireBytes from './wire-bytes';

const benches: Record<string, () => Promise<Figure[]>> = {
  eval: evalRoundTrip.measure,
  heap: heap.measure,
  start: startUp.measure,
  client: clientThroughput.measure,
  reconnect: reconnect.measure,
  transfer: transfer.measure,
  image: image.measure,
  outages: outages.measure,
  storm: storm.measure,
  wire: wireBytes.measure,
  log: logLine.measure,
  boards: manyBoards.measure,
  rollout: rollout.measure,
  'log-load': logLoad.measure,
};

async function main(): Promise<void> {
  const wanted = process.argv.slice(2);
  const unknown = wanted.filter((name) => !(name in benches));
  if (unknown.length > 0) {
    throw new Error(
      `No benchmark ${unknown.join(', ')}. There are: ${Object.keys(benches).join(', ')}`,
    );
  }
  console.log(`Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}\n`);
  for (const [name, measure] of Object.entries(benches)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    console.log(`## ${name}\n\n${table(await measure())}\n`);
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
