import { EventEmitter } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { ChipName } from './app-image';
import { Chip, type ResetCause } from './chip';
import { Console } from './console';
import { type BoardConfig, brokerOf, flashFiles } from './flash-files';
import { FlashGauge } from './flash-gauge';
import type { Interpreter, Runtime } from './interpreter';
import { Network } from './network';
import { firmwareFolder } from './package-paths';
import { unixRuntime } from './runtime-unix';
import { wasmRuntime } from './runtime-wasm';
import { flashBlocks, heapBytes } from './sizes';

export interface VirtualBoardOptions extends BoardConfig {
  /** Folder that keeps the board's flash from one VirtualBoard to the next; else it is temporary. */
  flash?: string;
  /** `wasm` (default) needs nothing but this package, `unix` the program micropython. */
  runtime?: 'wasm' | 'unix';
  /** Python heap, `128k` for example. Only the unix runtime keeps to it. */
  heap?: string;
  /** Size of an empty flash's file system. Default `2m`; an ESP32 with 4 MiB and two app slots has `896k`. */
  flashSize?: string;
  /** More files for an empty flash, by their path; they win over the firmware's. */
  files?: Record<string, string | Buffer>;
  /** Folder to fill an empty flash from, in place of the framework's firmware. */
  firmware?: string;
  /** `unset` starts at 2000-01-01 with each power-on, as a chip without a battery does. */
  clock?: 'host' | 'unset';
  /** Default `esp32`. An `rp2` has no partitions, NVS and RTC memory, and a watchdog of 8388 ms at most. */
  chip?: ChipName;
  /** `ota` (default): two app slots. `factory`: one, as in the default build for a flash of 4 MiB. */
  partitions?: 'ota' | 'factory';
  /** What the running app slot holds on a new board, see `appImage`. What runs is the same MicroPython. */
  image?: Buffer;
  /** The one access point: without, it takes every name and password. */
  wifi?: { ssid: string; password: string };
  /** Environment variables of the unix runtime's process. */
  env?: Record<string, string>;
}

interface VirtualBoardEvents {
  line: [string];
  reset: [ResetCause];
  /** The power failed as `cutPowerAfter` asked for: the board is off. */
  'power-cut': [];
  pin: [pin: number, value: number];
  error: [Error];
}

const runtimes: Record<'wasm' | 'unix', Runtime> = { wasm: wasmRuntime, unix: unixRuntime };

/** Real MicroPython running the firmware on models of an ESP32's devices. */
export class VirtualBoard extends EventEmitter<VirtualBoardEvents> {
  readonly #options: VirtualBoardOptions;
  readonly #folder: string;
  readonly #runtime: Runtime;
  readonly #heapBytes: number;
  readonly #flashBlocks: number;
  readonly #console = new Console();
  readonly #network = new Network();
  readonly #chip: Chip;
  readonly #gauge: FlashGauge;
  #powered = false;
  #interpreter: Promise<Interpreter> | undefined;
  #waking: NodeJS.Timeout | undefined;

  /** @throws {Error} when an option cannot be */
  constructor(options: VirtualBoardOptions) {
    super();
    brokerOf(options.url);
    this.#options = options;
    this.#heapBytes = heapBytes(options.heap ?? '256k');
    this.#flashBlocks = flashBlocks(options.flashSize ?? '2m');
    this.#runtime = runtimes[options.runtime ?? 'wasm'];
    this.#folder = options.flash
      ? resolve(options.flash)
      : mkdtempSync(join(tmpdir(), 'mqboard-board-'));
    this.#chip = new Chip(join(this.#folder, 'state'), {
      name: options.chip ?? 'esp32',
      clock: options.clock ?? 'host',
      partitions: options.partitions ?? 'ota',
      image: options.image,
      wifi: options.wifi,
    });
    this.#gauge = new FlashGauge(join(this.#chip.stateFolder, 'flash-gauge'));
    this.#chip.on('reset', (cause) => this.#reset(cause));
    this.#chip.on('sleep', (ms) => this.#sleep(ms));
    this.#chip.on('power-cut', () => this.powerCut().then(() => this.emit('power-cut')));
    this.#chip.on('pin', (pin, value) => this.emit('pin', pin, value));
    this.#chip.on('wifi', (joined) => this.#network.setJoined(joined));
    this.#console.on('line', (line) => this.emit('line', line));
  }

  /** What the board printed since power-on. */
  get lines(): readonly string[] {
    return this.#console.lines;
  }

  /** Block writes of the flash since power-on: calls of `writeblocks`. The wasm runtime has none. */
  get blockWrites(): number {
    return this.#gauge.writes;
  }

  /**
   * Changes of all that stays without power, since power-on (unix runtime): the block writes, erases of the
   * file system's blocks, commits of NVS, writes and erases of partitions, and of the boot loader's choice.
   */
  get flashChanges(): number {
    return this.#gauge.changes;
  }

  /** Commits of NVS since power-on, in both runtimes: they are writes of the flash, too. */
  get nvsWrites(): number {
    return this.#chip.nvsWrites;
  }

  /** Power on. Resolves when boot.py is about to run. */
  async start(): Promise<void> {
    if (this.#powered) throw new Error('the board is on already');
    this.#powered = true;
    this.#console.lines.length = 0;
    try {
      await mkdir(this.#folder, { recursive: true });
      const { firmware = firmwareFolder, files } = this.#options;
      const content = flashFiles(firmware, this.#options, files);
      await this.#runtime.format(this.#folder, content, this.#flashBlocks);
      if (!this.#powered) return; // cut again meanwhile
      this.#gauge.powerOn();
      await this.#boot(this.#chip.powerOn(), 'power on');
    } catch (error) {
      this.#powered = false;
      throw error;
    }
  }

  /** The first line since power-on that matches, or the next one that will. */
  waitForLine(pattern: RegExp, timeoutMs = 10_000): Promise<string> {
    return this.#console.waitFor(pattern, timeoutMs);
  }

  /** Off, between any two instructions; only flash remains. `start` is the power's return. */
  async powerCut(): Promise<void> {
    if (!this.#powered) return;
    this.#powered = false;
    clearTimeout(this.#waking);
    const interpreter = this.#interpreter;
    this.#interpreter = undefined;
    this.#network.loseConnections();
    await (await interpreter?.catch(() => undefined))?.kill();
    this.#chip.stop();
    this.#gauge.powerOff();
    this.#network.setJoined(false);
    this.#console.print('[power off]');
  }

  /**
   * Lets the power fail after so many more `flashChanges` (unix runtime), in the middle of
   * whatever runs: no further instruction has an effect. `torn`: of the last one only the first
   * half arrives. `power-cut` is emitted when the board is off. Any power cut ends the count.
   * @throws {Error} under the wasm runtime, whose flash is a folder
   */
  cutPowerAfter(changes: number, { torn = false } = {}): void {
    if (this.#runtime !== unixRuntime) throw new Error('only the unix runtime writes blocks');
    if (!Number.isInteger(changes) || changes < 1)
      throw new Error(`${changes} changes cannot be counted`);
    this.#gauge.cutAfter(changes, torn);
  }

  /** Switches the access point off: connections fall silent, nobody is told. And on again. */
  network(on: boolean): void {
    this.#network.setAccessPoint(on);
  }

  /** All open connections fall silent for ever without a FIN, as when a router restarts. */
  loseConnections(): void {
    this.#network.loseConnections();
  }

  /** Power off, and the flash is thrown away when it was temporary. */
  async stop(): Promise<void> {
    await this.powerCut();
    this.#network.close();
    if (!this.#options.flash) await rm(this.#folder, { recursive: true, force: true });
  }

  async #boot(bootLoaderSays: string[], why: string): Promise<void> {
    this.#console.print(`[${why}]`);
    for (const line of bootLoaderSays) this.#console.print(`[boot loader: ${line}]`);
    this.#interpreter = this.#runtime.start(
      {
        folder: this.#folder,
        chip: this.#chip,
        console: this.#console,
        gauge: this.#gauge,
        network: this.#network,
        heapBytes: this.#heapBytes,
        flashBlocks: this.#flashBlocks,
        env: this.#options.env ?? {},
      },
      (ended) => this.#crashed(ended),
    );
    await this.#interpreter;
  }

  /** The interpreter goes, the power stays: the chip boots again. */
  async #reset(cause: ResetCause): Promise<void> {
    const interpreter = this.#interpreter;
    this.#interpreter = undefined;
    if (!interpreter) return;
    try {
      if (cause !== 'SOFT') this.#network.loseConnections();
      await (await interpreter).kill();
      if (this.#powered) await this.#wake(cause);
    } catch (error) {
      this.#stopped(error as Error);
    }
  }

  async #wake(cause: ResetCause): Promise<void> {
    this.emit('reset', cause);
    await this.#boot(this.#chip.restart(cause), `reset: ${cause}`);
  }

  /** The chip sleeps with its radio off and wakes by a reset; without a time only a power cut ends it. */
  async #sleep(ms: number): Promise<void> {
    const interpreter = this.#interpreter;
    this.#interpreter = undefined;
    if (!interpreter) return;
    this.#network.loseConnections();
    this.#network.setJoined(false);
    this.#chip.stop();
    await (await interpreter).kill();
    if (!this.#powered) return;
    this.#console.print('[deep sleep]');
    const wake = () => this.#wake('DEEPSLEEP').catch((error) => this.#stopped(error));
    if (ms > 0) this.#waking = setTimeout(wake, ms);
  }

  #stopped(error: Error): void {
    this.#powered = false;
    this.#console.print(`[stopped: ${error.message}]`);
  }

  /** MicroPython itself died. On the chip that is a panic, which resets after a moment. */
  #crashed(why: string): void {
    this.#console.print(`[crash: ${why}]`);
    const crashed = this.#interpreter;
    setTimeout(() => crashed === this.#interpreter && this.#reset('HARD'), 500);
  }
}
