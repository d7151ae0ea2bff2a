import { once } from 'node:events';
import { Board, Connection } from '../core/index';
import { createAuthority } from '../demo/certificates';
import { VirtualBoard } from '../simulator/index';
import { startMosquitto } from '../test/support/mosquitto';
import { type Figure, median, repeat } from './figures';

const RUNS = 5;

/**
 * Time from power-on to the first answered command over TLS, on the unix port, against the same
 * board that answers once more while it is up.
 */
export async function measure(): Promise<Figure[]> {
  const authority = await createAuthority();
  const certificate = await authority.issue({ names: ['localhost', '127.0.0.1'] });
  const broker = await startMosquitto({ tls: certificate });
  const connection = new Connection({ url: broker.url, tls: { ca: authority.cert } });
  const virtual = new VirtualBoard({
    url: broker.url,
    ca: authority.cert,
    prefix: 'bench/start',
    runtime: 'unix',
  });
  try {
    connection.open();
    await once(connection, 'connected');
    const runs = await repeat(RUNS, async () => {
      const started = performance.now();
      await virtual.start();
      await virtual.waitForLine(/ready for commands/);
      const board = new Board(connection, 'bench/start');
      await board.eval('1');
      const first = performance.now() - started;
      const again = performance.now();
      await board.eval('1');
      const second = performance.now() - again;
      board.close();
      await virtual.powerCut();
      return { first, second };
    });
    return [
      {
        what: 'power-on to the first answered command, TLS',
        value: median(runs.map(({ first }) => first)),
        unit: 'ms',
        against: { what: 'a further command', value: median(runs.map(({ second }) => second)) },
      },
    ];
  } finally {
    await connection.close();
    await virtual.stop();
    await broker.stop();
  }
}
