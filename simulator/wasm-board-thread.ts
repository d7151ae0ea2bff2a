import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { type EmscriptenFs, folderFs } from './folder-fs';
import { awaitAnswer, type BoardThreadData, type Request, sleep } from './wasm-link';

/** What we use of the MicroPython package, which has no types. */
interface MicroPython {
  FS: EmscriptenFs;
  registerJsModule(name: string, module: object): void;
  runPython(code: string): void;
}

const data = workerData as BoardThreadData;
let memory: WebAssembly.Memory | undefined;

function post(request: Request): void {
  printed.flush();
  parentPort?.postMessage(request);
}

/** Collects what Python prints, which comes byte by byte, up to the end of a line. */
const printed = {
  bytes: [] as number[],
  add(chunk: Uint8Array) {
    this.bytes.push(...chunk);
    if (chunk.at(-1) === 10) this.flush();
  },
  flush() {
    if (!this.bytes.length) return;
    const chunk = Uint8Array.from(this.bytes.splice(0));
    parentPort?.postMessage({ kind: 'console', chunk } satisfies Request);
  },
};

let text = '';

/**
 * The module `_host` of the device models. Bytes cross by their address in the interpreter's memory;
 * all else is numbers and strings, because objects of JavaScript would pile up in its proxy table.
 */
const host = {
  tell: (line: string) => post({ kind: 'tell', line }),
  ask(line: string): string {
    post({ kind: 'ask', line });
    return decode(awaitAnswer(data.answer).data);
  },
  /** A call of the socket model; returns its value. Text that came with it is in `text`. */
  call(line: string): number {
    post({ kind: 'socket', line });
    const { value, data: received } = awaitAnswer(data.answer);
    text = decode(received);
    return value;
  },
  text: () => text,
  send(line: string, address: number, size: number): number {
    post({ kind: 'socket', line, data: bytesAt(address, size).slice() });
    const { value, data: received } = awaitAnswer(data.answer);
    text = decode(received);
    return value;
  },
  receive(line: string, address: number, size: number): number {
    post({ kind: 'socket', line });
    const { value, data: received } = awaitAnswer(data.answer);
    if (value < 0) text = decode(received);
    else if (received) bytesAt(address, size).set(received);
    return value;
  },
  sleep(ms: number) {
    printed.flush();
    sleep(ms);
  },
};

function bytesAt(address: number, size: number): Uint8Array {
  if (!memory) throw new Error('the memory of MicroPython was not found');
  return new Uint8Array(memory.buffer, address, size);
}

function decode(bytes: Uint8Array | undefined): string {
  return bytes ? Buffer.from(bytes).toString() : ''; // a copy: TextDecoder refuses shared memory
}

/** The package does not export its memory: keep it when the instance is made. */
function keepMemory(): void {
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
}

async function run(): Promise<void> {
  keepMemory();
  const home = dirname(
    require.resolve('@micropython/micropython-webassembly-pyscript/package.json'),
  );
  const { loadMicroPython } = await import(pathToFileURL(join(home, 'micropython.mjs')).href);
  const python: MicroPython = await loadMicroPython({
    heapsize: data.heapBytes,
    pystack: 8192,
    linebuffer: false,
    stdout: (chunk: Uint8Array) => printed.add(chunk),
    stderr: (chunk: Uint8Array) => printed.add(chunk),
  });
  const folders = {
    '/flash': data.flashFolder,
    '/state': data.stateFolder,
    '/chip': data.devicesFolder,
  };
  for (const [path, folder] of Object.entries(folders)) {
    python.FS.mkdir(path);
    python.FS.mount(folderFs(python.FS), { folder }, path);
  }
  python.registerJsModule('_host', host);
  python.runPython(
    'import sys;sys.path.append("/chip/wasm");import _power_on;_power_on.run(globals())',
  );
}

run();
