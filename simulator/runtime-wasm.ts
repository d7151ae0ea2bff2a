import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { BoardSockets } from './board-sockets';
import type { Board, Interpreter, Runtime } from './interpreter';
import { devicesFolder } from './package-paths';
import {
  type Answer,
  type BoardThreadData,
  createAnswerMemory,
  giveAnswer,
  type Request,
} from './wasm-link';

/** MicroPython for WebAssembly in a thread of this process; its flash is a folder. */
export const wasmRuntime: Runtime = { format, start };

const flashOf = (folder: string) => join(folder, 'flash');

async function format(folder: string, files: Map<string, Buffer>): Promise<void> {
  if (existsSync(flashOf(folder))) return;
  const unfinished = `${flashOf(folder)}.new`;
  await rm(unfinished, { recursive: true, force: true });
  for (const [path, content] of files) {
    await mkdir(dirname(join(unfinished, path)), { recursive: true });
    await writeFile(join(unfinished, path), content);
  }
  await rename(unfinished, flashOf(folder));
}

async function start(board: Board, ended: (why: string) => void): Promise<Interpreter> {
  const answer = createAnswerMemory();
  const sockets = new BoardSockets(board.network);
  const workerData: BoardThreadData = {
    answer,
    heapBytes: board.heapBytes,
    flashBlocks: board.flashBlocks,
    flashFolder: flashOf(board.folder),
    stateFolder: board.chip.stateFolder,
    rtcFile: board.chip.rtcFile,
    devicesFolder,
  };
  // From the sources the thread needs what compiles them on the fly; compiled, it needs nothing.
  const fromSource = __filename.endsWith('.ts');
  const file = join(__dirname, `wasm-board-thread.${fromSource ? 'ts' : 'js'}`);
  const worker = new Worker(file, {
    workerData,
    execArgv: fromSource ? ['--require', 'tsx/cjs'] : [],
  });
  let killed = false;
  const kill = async () => {
    killed = true;
    await worker.terminate();
    sockets.close();
  };
  worker.on('message', async (request: Request) => {
    if (killed) return;
    if (request.kind === 'console') board.console.write(request.chunk);
    else if (request.kind === 'tell') board.chip.tell(request.line);
    else {
      const reply = await serve(request, board, sockets);
      if (!killed) giveAnswer(answer, reply);
    }
  });
  const gone = new Promise<string>((resolve) => {
    worker.once('error', (error) => resolve(error.message));
    worker.once('exit', (code) => resolve(`exit code ${code}`));
  });
  const why = await Promise.race([whenReady(board), gone]);
  if (why !== undefined) {
    await kill();
    throw new Error(`MicroPython did not start: ${why}`);
  }
  gone.then((reason) => !killed && ended(reason));
  return { kill };
}

function whenReady(board: Board): Promise<undefined> {
  return new Promise((resolve) => board.chip.once('ready', () => resolve(undefined)));
}

async function serve(
  request: Request & { kind: 'ask' | 'socket' },
  board: Board,
  sockets: BoardSockets,
): Promise<Answer> {
  if (request.kind === 'socket') return sockets.call(request.line, request.data);
  const known =
    board.chip.ask(request.line) ??
    (request.line === 'air' && board.network.accessPoint ? '1' : '0');
  return { value: 0, data: Buffer.from(known) };
}
