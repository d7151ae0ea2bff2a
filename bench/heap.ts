import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Board, Connection } from '../core/index';
import { createAuthority } from '../demo/certificates';
import { startMosquitto } from '../test/support/mosquitto';
import { type BareBoard, type BareBoardOptions, startBareBoard } from './bare-board';
import { compileFolder } from './bytecode';
import type { Figure } from './figures';

/** What the original needs on the same port, without TLS, in kB; measured once, by its `-X heapsize`. */
const ORIGINAL = { source: 138, bytecode: 81 };
const PREFIX = 'bench/heap';
const library = join(__dirname, '../firmware/lib');

/**
 * The smallest heap, as `-X heapsize` of the 64-bit unix port, in which the firmware boots, connects and
 * evaluates: from source and as bytecode, with TLS and without.
 */
export async function measure(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'mqboard-heap-'));
  const bytecode = join(folder, 'mpy');
  await compileFolder(library, bytecode);
  const libraries = { source: library, bytecode };
  const authority = await createAuthority();
  const ca = join(folder, 'ca.pem');
  writeFileSync(ca, authority.cert);
  const certificate = await authority.issue({ names: ['localhost', '127.0.0.1'] });
  const figures: Figure[] = [];
  try {
    for (const tls of [false, true]) {
      const broker = await startMosquitto(tls ? { tls: certificate } : {});
      const connection = new Connection({ url: broker.url, tls: { ca: authority.cert } });
      connection.open();
      await once(connection, 'connected');
      for (const form of ['source', 'bytecode'] as const) {
        const evaluate = (heapKilobytes: number, code: string) =>
          evaluateOn(connection, code, {
            port: broker.port,
            prefix: PREFIX,
            heapKilobytes,
            library: libraries[form],
            ...(tls && { ca }),
          });
        const how = `${form === 'source' ? 'from source' : 'as bytecode'}${tls ? ', TLS' : ''}`;
        figures.push({
          what: `smallest heap ${how}`,
          value: await smallest(async (size) => (await evaluate(size, '45+876')) === 921),
          unit: 'kB',
          against: { what: `the original, ${form}, no TLS`, value: ORIGINAL[form] },
        });
        const used = await evaluate(256, '(gc.collect(), gc.mem_alloc())[1]');
        figures.push({ what: `in use after boot ${how}`, value: Number(used) / 1024, unit: 'kB' });
      }
      await connection.close();
      await broker.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return figures;
}

/** The smallest number of kilobytes that is enough. */
async function smallest(isEnough: (kilobytes: number) => Promise<boolean>): Promise<number> {
  let tooSmall = 32;
  let enough = 192;
  while (enough - tooSmall > 1) {
    const half = Math.floor((tooSmall + enough) / 2);
    if (await isEnough(half)) enough = half;
    else tooSmall = half;
  }
  return enough;
}

/** Runs code on a fresh board, or returns undefined when the board does not manage. */
async function evaluateOn(
  connection: Connection,
  code: string,
  options: BareBoardOptions,
): Promise<unknown> {
  const board = new Board(connection, options.prefix);
  let bare: BareBoard | undefined;
  try {
    bare = await startBareBoard(options);
    return (await board.eval(code, { timeoutMs: 8_000 })).value;
  } catch {
    return undefined;
  } finally {
    board.close();
    await bare?.stop();
  }
}
