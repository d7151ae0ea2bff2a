import { Worker } from 'node:worker_threads';

/** Version of the bytecode that this compiler writes; `board.info.bytecode` has to be the same. */
export const BYTECODE = 6;

/**
 * What runs in a thread of its own: the compiler's glue calls `fetch` on a path where there is one, leaves two
 * listeners behind with each file, and compiling would stop everything else for its time.
 */
const THREAD = `
  delete globalThis.fetch;
  const { parentPort, workerData } = require('node:worker_threads');
  const { compile } = require(workerData);
  parentPort.on('message', async ({ number, source, name }) => {
    try {
      const { mpy, err } = await compile('source.py', source, ['-s', name]);
      parentPort.postMessage({ number, mpy, error: err.join('\\n') });
    } catch (error) {
      parentPort.postMessage({ number, error: String(error) });
    }
    for (const name of ['uncaughtException', 'unhandledRejection']) process.removeAllListeners(name);
  });
`;

/** The longest name that a traceback can hold: one byte counts its length. */
const LONGEST_NAME = 255;

export type Compiled = { mpy: Buffer } | { error: string };

/** Makes `.mpy` of Python source, in one thread that is started with the first file. */
export class Compiler {
  private worker: Worker | undefined;
  private readonly waiting = new Map<number, (compiled: Compiled) => void>();
  private latest = 0;
  private readonly known = new Map<string, Promise<Compiled>>();

  /**
   * Compiles one file. The same source and name give the same bytes. `path` is what tracebacks name it.
   * Source that is not Python comes back as its `error`, one line.
   */
  compile(path: string, source: string): Promise<Compiled> {
    const key = `${path}\0${source}`;
    const compiled = this.known.get(key) ?? this.run(path, source);
    this.known.set(key, compiled);
    return compiled;
  }

  /** Ends the thread. */
  async close(): Promise<void> {
    await this.worker?.terminate();
    this.worker = undefined;
  }

  private run(path: string, source: string): Promise<Compiled> {
    this.worker ??= this.start();
    const isShort = Buffer.byteLength(path) <= LONGEST_NAME;
    const name = isShort ? path : path.slice(path.lastIndexOf('/') + 1);
    const number = ++this.latest;
    this.worker.postMessage({ number, source, name });
    return new Promise((resolve) => {
      this.waiting.set(number, resolve);
    });
  }

  private start(): Worker {
    // The thread's source is a text, which has no folder: it is told where the package is.
    const workerData = require.resolve('@pybricks/mpy-cross-v6');
    const worker = new Worker(THREAD, { eval: true, workerData, execArgv: [] });
    worker.on('message', ({ number, mpy, error }) => {
      this.waiting.get(number)?.(mpy ? { mpy: Buffer.from(mpy) } : { error: headline(error) });
      this.waiting.delete(number);
    });
    let reason = 'the compiler ended in the middle';
    worker.on('error', ({ message }) => {
      reason = message;
    });
    // It may run out of memory. The next file starts another.
    worker.on('exit', () => {
      if (this.worker === worker) this.worker = undefined;
      for (const resolve of this.waiting.values()) resolve({ error: reason });
      this.waiting.clear();
    });
    return worker;
  }
}

/** The last line of a traceback names the error, the one before it the line of the source. */
function headline(traceback: string): string {
  const lines = traceback.trim().split('\n');
  const line = /line \d+/.exec(lines.at(-2) ?? '')?.[0];
  return `${lines.at(-1) || 'unknown error'}${line ? `, ${line}` : ''}`;
}
