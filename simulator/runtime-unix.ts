import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { Board, Interpreter, Runtime } from './interpreter';
import { EAI_FAIL } from './lwip-errors';
import { findMicroPython } from './micropython-program';
import { devicesFolder } from './package-paths';
import { Tunnels } from './tunnels';

const run = promisify(execFile);
const unixFolder = join(devicesFolder, 'unix');

/**
 * What the device models take of the interpreter's heap, on a 64-bit machine. On a chip they are
 * in ROM, so that much is added to the heap that was asked for.
 */
const MODELS_BYTES = 22_560;

/** MicroPython's unix port as a child process: a real heap, real sockets, littlefs2 in a file. */
export const unixRuntime: Runtime = { format, start };

const imageOf = (folder: string) => join(folder, 'flash.lfs2');

async function format(folder: string, files: Map<string, Buffer>, blocks: number): Promise<void> {
  if (existsSync(imageOf(folder))) return;
  const staging = await mkdtemp(join(tmpdir(), 'mqboard-flash-'));
  try {
    for (const [path, content] of files) {
      await mkdir(dirname(join(staging, path)), { recursive: true });
      await writeFile(join(staging, path), content);
    }
    const unfinished = `${imageOf(folder)}.new`;
    const program = join(unixFolder, '_format.py');
    await run(await findMicroPython(), [program, unfinished, String(blocks), staging]);
    await rename(unfinished, imageOf(folder));
  } finally {
    await rm(staging, { recursive: true });
  }
}

/** The few lines that have to be `__main__`, because the firmware runs with their names. */
function program({ chip, folder, gauge }: Board): string {
  const paths = [devicesFolder, chip.stateFolder, imageOf(folder), gauge.path].map((path) =>
    JSON.stringify(path),
  );
  return [
    `import sys`,
    `sys.path.append(${JSON.stringify(unixFolder)})`,
    `import _power_on`,
    `_power_on.prepare(${paths.join(', ')})`,
    `import programs`,
    `programs.run_all(globals())`,
  ].join('\n');
}

async function start(board: Board, ended: (why: string) => void): Promise<Interpreter> {
  const tunnels = new Tunnels(board.network);
  const heap = board.heapBytes + MODELS_BYTES;
  const child = spawn(await findMicroPython(), ['-X', `heapsize=${heap}`, '-c', program(board)], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, TZ: 'UTC', ...board.env },
  });
  for (const output of [child.stdout, child.stderr]) {
    output?.on('data', (chunk) => board.console.write(chunk));
  }
  answer(child.stdio[3] as Socket, board, tunnels);
  const gone = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  let killed = false;
  const kill = async () => {
    killed = true;
    child.kill('SIGKILL');
    await gone;
    await tunnels.close();
  };
  await isReady(board, gone, kill);
  gone.then((why) => !killed && ended(why));
  return { kill };
}

/** Waits until the models are in place. */
async function isReady(board: Board, gone: Promise<string>, kill: () => Promise<void>) {
  let onReady = () => {};
  const ready = new Promise<undefined>((resolve) => {
    onReady = () => resolve(undefined);
    board.chip.once('ready', onReady);
  });
  const why = await Promise.race([ready, gone]);
  if (why === undefined) return;
  board.chip.off('ready', onReady);
  await kill();
  board.console.flush();
  const said = board.console.lines.slice(-3).join(' / ');
  throw new Error(
    `MicroPython did not start with ${board.heapBytes} bytes of heap (${why}): ${said || 'no output'}`,
  );
}

/** Serves the link that the models speak over: file descriptor 3 of the child. */
function answer(link: Socket, board: Board, tunnels: Tunnels): void {
  const lines = createInterface({ input: link });
  for (const end of [link, lines]) end.on('error', () => {}); // the child died in mid-sentence
  lines.on('line', async (line) => {
    if (!line.startsWith('?')) return board.chip.tell(line);
    const reply = await ask(line.slice(1), board, tunnels);
    link.write(`${reply}\n`);
  });
}

async function ask(line: string, board: Board, tunnels: Tunnels): Promise<string> {
  const known = board.chip.ask(line);
  if (known !== undefined) return known;
  const [verb, host = '', port = ''] = line.split(' ');
  if (verb === 'air') return board.network.accessPoint ? '1' : '0';
  if (verb !== 'route') throw new Error(`a device model asked: ${line}`);
  return String((await tunnels.portTo(host, Number(port))) ?? EAI_FAIL);
}
