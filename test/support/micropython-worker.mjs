// One WebAssembly MicroPython, which runs one script: see micropython.ts.
import { parentPort, workerData } from 'node:worker_threads';
import { loadMicroPython } from '@micropython/micropython-webassembly-pyscript/micropython.mjs';

const lines = [];
const python = await loadMicroPython({ linebuffer: true, stdout: (line) => lines.push(line) });
for (const [path, content] of Object.entries(workerData.files)) {
  python.FS.mkdirTree(path.slice(0, path.lastIndexOf('/')));
  python.FS.writeFile(path, content);
}
python.registerJsModule('_input', workerData.input);
try {
  python.runPython('import sys;sys.path[:] = ["/stubs", "/lib", ".frozen"]');
  python.runPython(workerData.script);
  parentPort.postMessage({ lines });
} catch (error) {
  parentPort.postMessage({ lines, error: String(error.message ?? error) });
}
