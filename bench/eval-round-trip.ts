import { once } from 'node:events';
import { connectAsync, type MqttClient } from 'mqtt';
import { Board, Connection } from '../core/index';
import { VirtualBoard } from '../simulator/index';
import { startMosquitto } from '../test/support/mosquitto';
import { type Figure, percentile } from './figures';
import { startPython } from './python';

const ROUNDS = 5;
const SAMPLES = 400;
const WARM_UP = 50;

/**
 * Round trip of `eval 45+876` on a board of the unix port, against a publish of the same size that
 * a bare MicroPython client echoes, in turns, through one mosquitto with its default settings.
 */
export async function measure(): Promise<Figure[]> {
  const broker = await startMosquitto({});
  const echo = await startPython('echo.py', [String(broker.port)]);
  const raw = await connectAsync(broker.url, { manualConnect: false });
  await raw.subscribeAsync('bench/out', { qos: 0 });
  const virtual = new VirtualBoard({ url: broker.url, prefix: 'bench/board', runtime: 'unix' });
  const connection = new Connection({ url: broker.url });
  try {
    await virtual.start();
    await virtual.waitForLine(/ready for commands/);
    connection.open();
    await once(connection, 'connected');
    const board = new Board(connection, 'bench/board');

    const evaluate = async () => {
      const { text } = await board.eval('45+876');
      if (text !== '921') throw new Error(`The board said ${text}`);
    };
    const publish = () => echoOnce(raw, 'x'.repeat(60));
    await sample(WARM_UP, evaluate);
    await sample(WARM_UP, publish);

    const evals: number[] = [];
    const echoes: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      evals.push(...(await sample(SAMPLES, evaluate)));
      echoes.push(...(await sample(SAMPLES, publish)));
    }
    board.close();
    return [0.5, 0.99].map((share) => ({
      what: `eval round trip, p${share * 100}`,
      value: percentile(evals, share),
      unit: 'ms',
      against: { what: 'echo of a bare client', value: percentile(echoes, share) },
    }));
  } finally {
    await connection.close();
    await raw.endAsync();
    await virtual.stop();
    await echo.stop();
    await broker.stop();
  }
}

/** How long each of `count` calls took, one after the other, in milliseconds. */
async function sample(count: number, call: () => Promise<void>): Promise<number[]> {
  const took: number[] = [];
  for (let i = 0; i < count; i += 1) {
    const started = performance.now();
    await call();
    took.push(performance.now() - started);
  }
  return took;
}

async function echoOnce(client: MqttClient, payload: string): Promise<void> {
  const echoed = new Promise((resolve) => client.once('message', resolve));
  client.publish('bench/in', payload, { qos: 0 });
  await echoed;
}
