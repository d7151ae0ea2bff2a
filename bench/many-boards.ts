import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Board, Connection } from '../core/index';
import { startMosquitto } from '../test/support/mosquitto';
import { type Figure, median, repeat } from './figures';

const RUNS = 5;
const BOARDS = 32;
const SIZE = 200 * 1024;
const PREFIX = 'bench/many';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

/**
 * One file put to 32 virtual boards at once, against to one of them: the time until the last board has
 * it, and how much more memory this process has at its peak. The boards are another process.
 */
export async function measure(): Promise<Figure[]> {
  const broker = await startMosquitto({});
  const boards = await startBoards(broker.url);
  const connection = new Connection({ url: broker.url });
  try {
    connection.open();
    await once(connection, 'connected');
    const all = Array.from(
      { length: BOARDS },
      (_, i) => new Board(connection, `${PREFIX}-${i + 1}`),
    );
    await Promise.all(all.map((board) => board.eval('1', { timeoutMs: 30_000 })));
    const runs = await repeat(RUNS, async () => ({
      one: await putToAll(all.slice(0, 1)),
      many: await putToAll(all),
    }));
    for (const board of all) board.close();
    const middle = (which: 'one' | 'many', what: 'seconds' | 'megabytes') =>
      median(runs.map((run) => run[which][what]));
    return [
      {
        what: `put of 200 kB to ${BOARDS} boards at once`,
        value: middle('many', 'seconds') * 1000,
        unit: 'ms',
        against: { what: 'to one', value: middle('one', 'seconds') * 1000 },
      },
      {
        what: `the host's memory above idle, ${BOARDS} boards`,
        value: middle('many', 'megabytes'),
        unit: 'MB',
        against: { what: 'one', value: middle('one', 'megabytes') },
      },
    ];
  } finally {
    await connection.close();
    await boards.stop();
    await broker.stop();
  }
}

async function putToAll(boards: Board[]): Promise<{ seconds: number; megabytes: number }> {
  const content = randomBytes(SIZE);
  collect();
  const idle = inUse();
  let peak = idle;
  const watch = setInterval(() => {
    peak = Math.max(peak, inUse());
  }, 5);
  const started = performance.now();
  await Promise.all(boards.map((board) => board.put('/many.bin', content)));
  const seconds = (performance.now() - started) / 1000;
  clearInterval(watch);
  return { seconds, megabytes: (Math.max(peak, inUse()) - idle) / 2 ** 20 };
}

/** What was not collected yet included; not the resident set, which hardly ever shrinks. */
function inUse(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** `mqboard board --count 32`; resolves when all of them are ready for commands. */
async function startBoards(url: string): Promise<{ stop(): Promise<void> }> {
  const program = join(__dirname, '../dist/cli/main.js');
  const args = ['board', '--url', url, '--prefix', PREFIX, '--count', String(BOARDS)];
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  let ready = 0;
  for await (const line of lines) {
    if (line.includes('ready for commands')) ready += 1;
    if (ready === BOARDS) break;
  }
  child.stdout.resume();
  if (ready < BOARDS) throw new Error('The boards ended before they were ready');
  return {
    stop: async () => {
      child.kill();
      await ended;
    },
  };
}
