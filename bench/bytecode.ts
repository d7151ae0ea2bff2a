import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { Worker } from 'node:worker_threads';

/** What runs in a thread of its own: the compiler's glue calls `fetch` on a path where there is one. */
const COMPILER = `
  delete globalThis.fetch;
  const { parentPort, workerData } = require('node:worker_threads');
  const { compile } = require('@pybricks/mpy-cross-v6');
  (async () => {
    for (const [name, source] of workerData) {
      const { mpy, err } = await compile(name.split('/').pop(), source, []);
      if (!mpy) throw new Error(name + ': ' + err.join(' '));
      parentPort.postMessage([name, mpy]);
    }
  })();
`;

/** Compiles all Python files below a folder into another one, as `.mpy`. */
export async function compileFolder(from: string, to: string): Promise<void> {
  const sources = readdirSync(from, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.py'))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => [relative(from, path), readFileSync(path, 'utf8')]);
  const worker = new Worker(COMPILER, { eval: true, workerData: sources });
  await new Promise<void>((resolve, reject) => {
    worker.on('message', ([name, mpy]: [string, Uint8Array]) => {
      const target = join(to, name.replace(/\.py$/, '.mpy'));
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, mpy);
    });
    worker.on('error', reject);
    worker.on('exit', () => resolve());
  });
}
