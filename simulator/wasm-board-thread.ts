import { parentPort, workerData } from 'node:worker_threads';
import { folderFs } from './folder-fs';
import { loadMicroPython } from './micropython-wasm';
import { PrintBuffer } from './print-buffer';
import { RtcMemory } from './rtc-memory';
import { Collector } from './wasm-collector';
import { wasmHost } from './wasm-host';
import type { BoardThreadData, Request } from './wasm-link';

async function run(data: BoardThreadData): Promise<void> {
  const post = (request: Request) => parentPort?.postMessage(request);
  const printed = new PrintBuffer((chunk) => post({ kind: 'console', chunk }));
  const { python, memory } = await loadMicroPython(data.heapBytes, (chunk) => printed.add(chunk));
  const folders = {
    '/flash': data.flashFolder,
    '/state': data.stateFolder,
    '/chip': data.devicesFolder,
  };
  for (const [path, folder] of Object.entries(folders)) {
    python.FS.mkdir(path);
    python.FS.mount(folderFs(python.FS), { folder }, path);
  }
  const collector = new Collector(python, memory);
  const rtc = new RtcMemory(data.rtcFile);
  python.registerJsModule('_host', wasmHost(data.answer, memory, collector, printed, rtc, post));
  python.runPython(
    `import sys;sys.path.append("/chip/wasm");import _power_on;_power_on.run(globals(), ${data.flashBlocks})`,
  );
}

run(workerData);
