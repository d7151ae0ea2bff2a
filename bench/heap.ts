import { randomBytes } from 'node:crypto';
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
/** Generous: a board whose heap is too small may spend its time on collections. */
const PATIENCE_MS = 8_000;
const FILE_BYTES = 2 ** 20;
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
        const onBoard = <T>(heapKilobytes: number, task: (board: Board) => Promise<T>) =>
          onFreshBoard(connection, task, {
            port: broker.port,
            prefix: PREFIX,
            heapKilobytes,
            library: libraries[form],
            ...(tls && { ca }),
          });
        const how = `${form === 'source' ? 'from source' : 'as bytecode'}${tls ? ', TLS' : ''}`;
        const idle = await smallest(async (size) => (await onBoard(size, answers)) === true);
        figures.push({
          what: `smallest heap ${how}`,
          value: idle,
          unit: 'kB',
          against: { what: `the original, ${form}, no TLS`, value: ORIGINAL[form] },
        });
        figures.push({
          what: `smallest heap for a put of 1 MB ${how}`,
          value: await smallest(async (size) => (await onBoard(size, takesFile)) === true),
          unit: 'kB',
          against: { what: 'idle', value: idle },
        });
        const used = await onBoard(256, inUse);
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

async function answers(board: Board): Promise<boolean> {
  return (await board.eval('45+876', { timeoutMs: PATIENCE_MS })).value === 921;
}

async function takesFile(board: Board): Promise<boolean> {
  const { size } = await board.put('/large.bin', randomBytes(FILE_BYTES), {
    timeoutMs: PATIENCE_MS,
  });
  return size === FILE_BYTES;
}

async function inUse(board: Board): Promise<unknown> {
  return (await board.eval('(gc.collect(), gc.mem_alloc())[1]')).value;
}

/** What the task returns on a fresh board, or undefined when the board does not manage. */
async function onFreshBoard<T>(
  connection: Connection,
  task: (board: Board) => Promise<T>,
  options: BareBoardOptions,
): Promise<T | undefined> {
  const board = new Board(connection, options.prefix);
  let bare: BareBoard | undefined;
  try {
    bare = await startBareBoard(options);
    return await task(board);
  } catch {
    return undefined;
  } finally {
    board.close();
    await bare?.stop();
  }
}
