import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Board, Connection } from '../core/index';
import { createAuthority } from '../demo/certificates';
import { startMosquitto } from '../test/support/mosquitto';
import { startBareBoard } from './bare-board';
import { type Figure, median, repeat } from './figures';

const RUNS = 9;
const PREFIX = 'bench/start';
/** What the original needs on this kind of machine, over TLS, in ms; measured once. */
const ORIGINAL = 350;

/**
 * Time from the start of the interpreter to the first answered command, over TLS that is verified, on the
 * unix port. The host is connected already, and knows nothing of the board.
 */
export async function measure(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'mqboard-start-'));
  const authority = await createAuthority();
  const ca = join(folder, 'ca.pem');
  writeFileSync(ca, authority.cert);
  const certificate = await authority.issue({ names: ['localhost', '127.0.0.1'] });
  const broker = await startMosquitto({ tls: certificate });
  const connection = new Connection({ url: broker.url, tls: { ca: authority.cert } });
  try {
    connection.open();
    await once(connection, 'connected');
    const runs = await repeat(RUNS, async () => {
      const board = new Board(connection, PREFIX);
      const started = performance.now();
      const bare = await startBareBoard({
        port: broker.port,
        prefix: PREFIX,
        heapKilobytes: 256,
        ca,
      });
      await board.eval('1');
      const took = performance.now() - started;
      board.close();
      await bare.stop();
      return took;
    });
    return [
      {
        what: 'start to the first answered command, TLS',
        value: median(runs),
        unit: 'ms',
        against: { what: 'the original', value: ORIGINAL },
      },
    ];
  } finally {
    await connection.close();
    await broker.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
