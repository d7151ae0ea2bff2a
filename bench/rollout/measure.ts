import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Boards, Connection, Fleet, Rollout } from '../../core/index';
import { appImage } from '../../simulator/app-image';
import { startMosquitto } from '../../test/support/mosquitto';
import type { Figure } from '../figures';
import { CountedLink } from './counted-link';

const BOARDS = 200;
const SIZE = 1_500_000;
const SCOPE = 'bench/rollout';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

/** A firmware image of 1.5 MB to 200 boards at once, by one stream that they share, against one to one board. */
export function measure(): Promise<Figure[]> {
  return rollOut(BOARDS);
}

export async function rollOut(count: number): Promise<Figure[]> {
  const broker = await startMosquitto({});
  const boards = await startBoards(broker.url, count);
  const link = await CountedLink.to(broker.port);
  const connection = new Connection({ url: link.url });
  try {
    connection.open();
    await once(connection, 'connected');
    const commanded = new Boards(connection);
    const fleet = new Fleet(connection, commanded, { scope: SCOPE });
    await knows(fleet, count);
    const one = await update(fleet, link, ['1'], 1);
    const names = Array.from({ length: count }, (_, n) => String(n + 1));
    const all = await update(fleet, link, names, 2);
    await fleet.close();
    commanded.close();
    const what = (name: string) => `${name}, ${count} boards at once`;
    return [
      {
        what: what('bytes that the host sent, all of its commands included'),
        value: all.bytes / 1024,
        unit: 'kB',
        against: { what: 'one', value: one.bytes / 1024 },
      },
      {
        what: what('of them data of the image'),
        value: all.data / 1024,
        unit: 'kB',
        against: { what: 'one', value: one.data / 1024 },
      },
      {
        what: what('time until the last one was about to restart'),
        value: all.sentSeconds,
        unit: 's',
        against: { what: 'one', value: one.sentSeconds },
      },
      {
        what: what('time until the last one had confirmed it'),
        value: all.seconds,
        unit: 's',
        against: { what: 'one', value: one.seconds },
      },
      {
        what: what("the host's memory above idle"),
        value: all.megabytes,
        unit: 'MB',
        against: { what: 'one', value: one.megabytes },
      },
    ];
  } finally {
    await connection.close();
    await link.stop();
    await boards.stop();
    await broker.stop();
  }
}

/** Waits until that many boards are known to be online. */
async function knows(fleet: Fleet, count: number): Promise<void> {
  const there = () => fleet.boards().filter(({ online, info }) => online && info);
  while (there().length < count) await once(fleet, 'change');
}

/** All of it is new to the boards: with the same seed they would ask for the difference. */
async function update(fleet: Fleet, link: CountedLink, targets: string[], seed: number) {
  const image = appImage({ size: SIZE, seed: 1000 + seed, version: `${seed}.0` });
  collect();
  const idle = inUse();
  let peak = idle;
  const watch = setInterval(() => {
    peak = Math.max(peak, inUse());
  }, 20);
  const begun = performance.now();
  const sentBefore = link.sent;
  let sentSeconds = 0;
  const rollout = new Rollout(
    { id: 'bench', content: { image }, targets, atOnce: targets.length, quarantineMs: 0 },
    fleet.site(),
  );
  rollout.on('progress', ({ phase }) => {
    if (phase === 'restarting') sentSeconds = (performance.now() - begun) / 1000;
  });
  const { counts, wireBytes, results } = await rollout.start().done;
  clearInterval(watch);
  if (counts.updated !== targets.length) {
    const bad = results.find(({ outcome }) => outcome !== 'updated');
    throw new Error(`${counts.updated} of ${targets.length} boards were updated: ${bad?.reason}`);
  }
  return {
    bytes: link.sent - sentBefore,
    data: wireBytes,
    seconds: (performance.now() - begun) / 1000,
    sentSeconds,
    megabytes: (peak - idle) / 2 ** 20,
  };
}

/** What was not collected yet included; not the resident set, which hardly ever shrinks. */
function inUse(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function startBoards(url: string, count: number): Promise<{ stop(): Promise<void> }> {
  const args = ['--require', 'tsx/cjs', join(__dirname, 'boards.ts'), url, SCOPE, String(count)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  let ready = false;
  for await (const line of lines) {
    ready = line === 'ready';
    if (ready) break;
  }
  if (!ready) throw new Error('The boards ended before they were ready');
  child.stdout.resume();
  return {
    stop: async () => {
      child.kill();
      await ended;
    },
  };
}
