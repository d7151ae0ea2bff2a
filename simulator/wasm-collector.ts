import type { MicroPython } from './micropython-wasm';

/** Where the build's static variables lie: below its Python heap. */
const STATIC_BYTES = 512 * 1024;

/** Between two collections; what a busy board throws away in that time is a few hundred KiB. */
const INTERVAL_MS = 100;

/**
 * Collects garbage while Python runs.
 *
 * The WebAssembly build only does so when its last call from JavaScript returns, because it cannot
 * see the C stack; and a board's program never returns. But its Python frames lie on a stack of their
 * own that the collector does scan, so at a call from Python into the host nothing alive is missed.
 * The build counts the depth of calls from JavaScript. The counter is set to 0 around an empty call,
 * at whose end the build then collects. Found is it by its values at known depths.
 */
export class Collector {
  readonly #address: number | undefined;
  #last = 0;

  constructor(
    private readonly python: MicroPython,
    private readonly memory: WebAssembly.Memory,
  ) {
    this.#address = this.#findCounter();
  }

  /** Whether the counter was found in this build; else memory grows until the next reset. */
  get works(): boolean {
    return this.#address !== undefined;
  }

  /** To be called while Python waits: does nothing when the last time was a moment ago. */
  idle(): void {
    if (Date.now() - this.#last >= INTERVAL_MS) this.collect();
  }

  collect(): void {
    if (this.#address === undefined) return;
    const words = this.#words();
    const depth = words[this.#address] ?? 0;
    words[this.#address] = 0;
    this.python.runPython('');
    this.#words()[this.#address] = depth; // the memory may have grown, and be another buffer
    this.#last = Date.now();
  }

  #words(): Int32Array {
    return new Int32Array(this.memory.buffer, 0, STATIC_BYTES / 4);
  }

  #findCounter(): number | undefined {
    const deepest = 4;
    const seen = [this.#words().slice()];
    const probe = {
      deeper: () => {
        seen.push(this.#words().slice());
        if (seen.length <= deepest) this.python.runPython('_probe.deeper()');
      },
    };
    this.python.registerJsModule('_probe', probe);
    this.python.runPython('import _probe\n_probe.deeper()');
    this.python.runPython('import sys\ndel _probe, sys.modules["_probe"], sys');
    const found: number[] = [];
    const after = this.#words();
    for (let i = 0; i < after.length; i++) {
      if (after[i] === 0 && seen.every((words, depth) => words[i] === depth)) found.push(i);
    }
    return found.length === 1 ? found[0] : undefined;
  }
}
