import { once } from 'node:events';
import { Board, Connection } from '../core/index';
import { createAuthority } from '../demo/certificates';
import { VirtualBoard } from '../simulator/index';
import { startMosquitto } from '../test/support/mosquitto';
import type { Figure } from './figures';

/** What the original needs on the same port, from source and without TLS (measured once, in kB). */
const ORIGINAL_FROM_SOURCE = 138;

const PATIENCE_MS = 10_000;

/** The smallest heap in which the firmware boots, connects over TLS and evaluates; and its use. */
export async function measure(): Promise<Figure[]> {
  const authority = await createAuthority();
  const certificate = await authority.issue({ names: ['localhost', '127.0.0.1'] });
  const broker = await startMosquitto({ tls: certificate });
  const connection = new Connection({ url: broker.url, tls: { ca: authority.cert } });
  try {
    connection.open();
    await once(connection, 'connected');

    /** Runs code on a board with that heap, or returns undefined when the board does not manage. */
    const evaluateWithin = async (kilobytes: number, code: string): Promise<unknown> => {
      const prefix = `bench/heap-${kilobytes}`;
      const virtual = new VirtualBoard({
        ...{ url: broker.url, ca: authority.cert, prefix },
        ...{ runtime: 'unix', heap: `${kilobytes}k` },
      });
      const board = new Board(connection, prefix);
      try {
        await virtual.start();
        await virtual.waitForLine(/ready for commands/, PATIENCE_MS);
        return (await board.eval(code, { timeoutMs: PATIENCE_MS })).value;
      } catch {
        return undefined;
      } finally {
        board.close();
        await virtual.stop();
      }
    };

    let tooSmall = 16;
    let enough = 256;
    while (enough - tooSmall > 1) {
      const half = Math.floor((tooSmall + enough) / 2);
      if ((await evaluateWithin(half, '45+876')) === 921) enough = half;
      else tooSmall = half;
    }
    const used = await evaluateWithin(256, '(gc.collect(), gc.mem_alloc())[1]');
    return [
      {
        what: 'smallest heap that boots, connects over TLS and evaluates, from source',
        value: enough,
        unit: 'kB',
        against: { what: 'the original, without TLS', value: ORIGINAL_FROM_SOURCE },
      },
      { what: 'heap in use after boot', value: Number(used) / 1024, unit: 'kB' },
    ];
  } finally {
    await connection.close();
    await broker.stop();
  }
}
