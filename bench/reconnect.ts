import { setTimeout as sleep } from 'node:timers/promises';
import { VirtualBoard } from '../simulator/index';
import { FaultProxy } from '../test/support/fault-proxy';
import { startMosquitto } from '../test/support/mosquitto';
import { type Figure, median, repeat } from './figures';

/** Each takes up to half a minute. */
const RUNS = 3;
const DOWN_MS = 5_000;
/** A link that breaks sooner is not hurried back: the board takes it for one that breaks again. */
const LIFE_MS = 12_000;
/** What the original needs, in ms; measured once. */
const ORIGINAL = { restart: 1_000, silence: 40_000 };

/**
 * How long an idle board of the unix port, with its default keepalive, needs to be connected again: after
 * a broker that was away for five seconds is back, and after its connection fell silent without a FIN.
 */
export async function measure(): Promise<Figure[]> {
  const broker = await startMosquitto({});
  const proxy = await FaultProxy.to(broker.port);
  const board = new VirtualBoard({
    url: `mqtt://127.0.0.1:${proxy.port}`,
    prefix: 'bench/reconnect',
    runtime: 'unix',
  });
  try {
    await board.start();
    await board.waitForLine(/ready for commands/);
    const afterRestart = await repeat(RUNS, async () => {
      await sleep(LIFE_MS);
      await broker.kill();
      await sleep(DOWN_MS);
      const back = connected(board);
      await broker.restart();
      const started = performance.now();
      await back;
      return performance.now() - started;
    });
    const afterSilence = await repeat(RUNS, async () => {
      await sleep(LIFE_MS);
      const back = connected(board);
      const started = performance.now();
      proxy.goSilent();
      await back;
      return performance.now() - started;
    });
    return [
      {
        what: 'connected again after the broker was away for 5 s',
        value: median(afterRestart),
        unit: 'ms',
        against: { what: 'the original', value: ORIGINAL.restart },
      },
      {
        what: 'connected again after the connection fell silent',
        value: median(afterSilence),
        unit: 'ms',
        against: { what: 'the original', value: ORIGINAL.silence },
      },
    ];
  } finally {
    await board.stop();
    await proxy.stop();
    await broker.stop();
  }
}

function connected(board: VirtualBoard): Promise<void> {
  return new Promise((resolve) => {
    const look = (line: string) => {
      if (!/mqtt: connected/.test(line)) return;
      board.off('line', look);
      resolve();
    };
    board.on('line', look);
  });
}
