import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { EmscriptenFs } from './folder-fs';

/** What we use of the package, which has no types. */
export interface MicroPython {
  FS: EmscriptenFs;
  registerJsModule(name: string, module: object): void;
  runPython(code: string): void;
}

export interface Loaded {
  python: MicroPython;
  memory: WebAssembly.Memory;
}

/** One instance a thread: it keeps its state in global variables. */
export async function loadMicroPython(
  heapBytes: number,
  print: (chunk: Uint8Array) => void,
): Promise<Loaded> {
  const found = keepMemory();
  const name = '@micropython/micropython-webassembly-pyscript/package.json';
  const file = join(dirname(require.resolve(name)), 'micropython.mjs');
  const { loadMicroPython: load } = await import(pathToFileURL(file).href);
  const options = { heapsize: heapBytes, pystack: 8192, linebuffer: false };
  const python: MicroPython = await load({ ...options, stdout: print, stderr: print });
  const memory = found();
  if (!memory) throw new Error('the memory of MicroPython was not found');
  return { python, memory };
}

/** The package does not export its memory: keep it when the instance is made. */
function keepMemory(): () => WebAssembly.Memory | undefined {
  let memory: WebAssembly.Memory | undefined;
  const instantiate = WebAssembly.instantiate as (...args: unknown[]) => Promise<unknown>;
  Object.assign(WebAssembly, {
    async instantiate(...args: unknown[]) {
      const made = await instantiate.apply(WebAssembly, args);
      // Node.js loads modules of its own this way, too.
      const exports = (made as Partial<WebAssembly.WebAssemblyInstantiatedSource>).instance
        ?.exports;
      if (exports && 'mp_js_init' in exports) {
        const found = Object.values(exports).find((value) => value instanceof WebAssembly.Memory);
        memory = found as WebAssembly.Memory | undefined;
      }
      return made;
    },
  });
  return () => memory;
}
