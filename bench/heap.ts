import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Board, Connection } from '../core/index';
import { createAuthority } from '../demo/certificates';
import { type Mosquitto, startMosquitto } from '../test/support/mosquitto';
import { compileFolder } from './bytecode';
import type { Figure } from './figures';
import { micropython } from './python';

/** What the original needs on the same port, without TLS, in kB; measured once, by its `-X heapsize`. */
const ORIGINAL = { source: 138, bytecode: 81 };

const PREFIX = 'bench/heap';
const PATIENCE_MS = 8_000;
const firmware = join(__dirname, '../firmware');
const chip = join(__dirname, 'python/chip');
const starter = join(__dirname, 'python/bare_board.py');

/**
 * The smallest heap, as `-X heapsize` of the 64-bit unix port, in which the firmware boots, connects and
 * evaluates: from source and as bytecode, with TLS and without. It runs on the bare port, not in a
 * virtual board, whose device models live on the same heap.
 */
export async function measure(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'mqboard-heap-'));
  const bytecode = join(folder, 'mpy');
  await compileFolder(join(firmware, 'lib'), bytecode);
  const library = { source: join(firmware, 'lib'), bytecode };
  const authority = await createAuthority();
  writeFileSync(join(folder, 'ca.pem'), authority.cert);
  const certificate = await authority.issue({ names: ['localhost', '127.0.0.1'] });
  const figures: Figure[] = [];
  try {
    for (const tls of [false, true]) {
      const broker = await startMosquitto(tls ? { tls: certificate } : {});
      writeFileSync(join(folder, 'board_config.py'), configuration(broker, tls, folder));
      const connection = new Connection({ url: broker.url, tls: { ca: authority.cert } });
      connection.open();
      await once(connection, 'connected');
      for (const form of ['source', 'bytecode'] as const) {
        const path = ['.frozen', chip, folder, library[form]].join(':');
        const evaluate = (kilobytes: number, code: string) =>
          evaluateWithin(kilobytes, code, path, connection);
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

function configuration(broker: Mosquitto, tls: boolean, folder: string): string {
  const ssl = `{"server_hostname": "localhost", "ca": "${join(folder, 'ca.pem')}"}`;
  return `
mqtt = {"server": "127.0.0.1", "port": ${broker.port}, "ssl_params": ${tls ? ssl : 'None'}}
mqrepl = {"prefix": "${PREFIX}/mqb/"}
logging = {"topic": "${PREFIX}/log"}
modules = ["mqtt", "logging", "mqrepl"]
`;
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

/** Runs code on a board with that heap, or returns undefined when the board does not manage. */
async function evaluateWithin(
  kilobytes: number,
  code: string,
  path: string,
  connection: Connection,
): Promise<unknown> {
  const child = spawn(
    await micropython(),
    ['-X', `heapsize=${kilobytes}k`, starter, join(firmware, 'main.py')],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, MICROPYPATH: path } },
  );
  const gone = once(child, 'exit');
  const board = new Board(connection, PREFIX);
  try {
    await isReady(child.stdout);
    return (await board.eval(code, { timeoutMs: PATIENCE_MS })).value;
  } catch {
    return undefined;
  } finally {
    board.close();
    child.kill('SIGKILL');
    await gone;
  }
}

/** Waits for the line that says so; rejects when the board runs out of memory, or of time. */
function isReady(output: NodeJS.ReadableStream): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    const timer = setTimeout(() => reject(new Error('nothing')), PATIENCE_MS);
    const settle = (end: () => void) => {
      clearTimeout(timer);
      end();
    };
    output.on('data', (chunk) => {
      said += chunk;
      if (/ready for commands/.test(said)) settle(resolve);
      else if (/MemoryError|memory allocation failed/.test(said))
        settle(() => reject(new Error(said)));
    });
    output.on('end', () => settle(() => reject(new Error(said))));
  });
}
