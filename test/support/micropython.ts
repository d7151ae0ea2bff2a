import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { Worker } from 'node:worker_threads';

const library = join(__dirname, '..', '..', 'firmware', 'lib');

interface Surroundings {
  /** More files of its file system, by absolute path. */
  files?: Record<string, string>;
  /** What the script finds as names of the module `_input`. */
  input?: Record<string, string | number | boolean>;
}

/**
 * Runs a script on MicroPython 1.27 (WebAssembly), with the firmware's modules to import.
 * Returns the lines it printed.
 *
 * @throws {Error} with the Python traceback when the script ends by an exception
 */
export async function runPython(script: string, surroundings: Surroundings = {}) {
  // MicroPython keeps its state on globalThis: one thread for each.
  const worker = new Worker(join(__dirname, 'micropython-worker.mjs'), {
    workerData: {
      script,
      input: surroundings.input ?? {},
      files: { ...libraryFiles(), ...stubs, ...surroundings.files },
    },
  });
  try {
    return await new Promise<string[]>((resolve, reject) => {
      worker.once('error', reject);
      worker.once('message', ({ lines, error }: { lines: string[]; error?: string }) => {
        if (error === undefined) resolve(lines);
        else reject(new Error([error, ...lines].join('\n')));
      });
    });
  } finally {
    await worker.terminate();
  }
}

/** The least of a board that the modules ask for when they are imported. */
const stubs = {
  '/stubs/board_config.py': 'kind = "test"\nlocation = "bench"\n',
  '/stubs/machine.py': '',
};

function libraryFiles(): Record<string, string> {
  const files: Record<string, string> = {};
  for (const entry of readdirSync(library, { recursive: true, withFileTypes: true })) {
    if (!entry.name.endsWith('.py')) continue;
    const path = join(entry.parentPath, entry.name);
    files[`/lib/${relative(library, path).split(sep).join('/')}`] = readFileSync(path, 'utf8');
  }
  return files;
}
