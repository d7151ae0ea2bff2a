import { VirtualBoard } from '../simulator/index';
import { startMosquitto } from '../test/support/mosquitto';
import { TcpProxy } from '../test/support/tcp-proxy';
import { type Figure, median, repeat } from './figures';

const RUNS = 5;
/** Each takes half a minute. */
const RUNS_IN_SILENCE = 3;
const DOWN_MS = 5000;
/** What the original needs, in ms; measured once. */
const ORIGINAL = { restart: 1_000, silence: 40_000 };

/**
 * How long an idle board of the unix port, with its default keepalive, needs to be connected again: after
 * a broker that was away for five seconds is back, and after its connection fell silent without a FIN.
 */
export async function measure(): Promise<Figure[]> {
  const broker = await startMosquitto({});
  const proxy = await TcpProxy.to(broker.port);
  const board = new VirtualBoard({
    url: `mqtt://127.0.0.1:${proxy.port}`,
    prefix: 'bench/reconnect',
    runtime: 'unix',
  });
  try {
    await board.start();
    await board.waitForLine(/ready for commands/);
    const afterRestart = await repeat(RUNS, async () => {
      await broker.kill();
      await new Promise((resolve) => setTimeout(resolve, DOWN_MS));
      const back = connected(board);
      await broker.restart();
      const started = performance.now();
      await back;
      return performance.now() - started;
    });
    const afterSilence = await repeat(RUNS_IN_SILENCE, async () => {
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
