import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ChipName } from './app-image';
import { BootLoader } from './boot-loader';
import { RtcMemory } from './rtc-memory';
import { Watchdog } from './watchdog';

/** Values of `machine.reset_cause()` on the ESP32. */
export const resetCause = { PWRON: 1, HARD: 2, WDT: 3, DEEPSLEEP: 4, SOFT: 5 } as const;
export type ResetCause = keyof typeof resetCause;

/** Where an ESP32 without a set clock begins: 2000-01-01, in milliseconds of UNIX time. */
const RTC_EPOCH_MS = Date.UTC(2000, 0, 1);

const STAT_NO_AP_FOUND = '201';
const STAT_WRONG_PASSWORD = '202';
const STAT_GOT_IP = '1010';

/** What makes a chip another one than an ESP32 at an access point that takes everybody. */
export interface ChipKind {
  name: ChipName;
  clock: 'host' | 'unset';
  partitions: 'ota' | 'factory';
  image?: Buffer | undefined;
  wifi?: { ssid: string; password: string } | undefined;
}

interface ChipEvents {
  reset: [ResetCause];
  sleep: [ms: number];
  ready: [];
  'power-cut': [];
  pin: [pin: number, value: number];
  wifi: [joined: boolean];
}

/**
 * The chip around the interpreter: what goes on while Python is stuck and what outlives a reset.
 * The device models (Python) command it in lines of text; larger things lie in the state folder,
 * which they read and write as `/.state`.
 */
export class Chip extends EventEmitter<ChipEvents> {
  readonly bootLoader: BootLoader;
  readonly rtcFile: string;
  /** How often NVS was committed since power-on: each is a write of the flash. */
  nvsWrites = 0;
  #watchdog = new Watchdog(() => this.emit('reset', 'WDT'));
  #cause: ResetCause = 'PWRON';
  #clockOffsetMs = 0;

  constructor(
    readonly stateFolder: string,
    private readonly kind: ChipKind,
  ) {
    super();
    this.rtcFile = join(stateFolder, 'rtc');
    mkdirSync(join(stateFolder, 'nvs'), { recursive: true });
    this.bootLoader = new BootLoader(stateFolder, kind.name, kind.image);
  }

  /** Returns what the boot loader has to say. */
  powerOn(): string[] {
    RtcMemory.clear(this.rtcFile);
    this.nvsWrites = 0;
    this.#clockOffsetMs = this.kind.clock === 'host' ? 0 : RTC_EPOCH_MS - Date.now();
    return this.restart('PWRON');
  }

  /** What a reset does apart from the interpreter; the same return value as `powerOn`. */
  restart(cause: ResetCause): string[] {
    this.#cause = cause;
    this.emit('wifi', false);
    if (cause === 'SOFT') return [];
    this.#watchdog.stop();
    return this.bootLoader.start();
  }

  /** Power off, or deep sleep: nothing counts any more. */
  stop(): void {
    this.#watchdog.stop();
  }

  /** A line without an answer. */
  tell(line: string): void {
    const [verb, first = '', second = ''] = line.split(' ');
    if (verb === 'feed') this.#watchdog.feed();
    else if (verb === 'wdt') this.#watchdog.arm(Number(first));
    else if (verb === 'pin') this.emit('pin', Number(first), Number(second));
    else if (verb === 'leave') this.emit('wifi', false);
    else if (verb === 'clock') this.#clockOffsetMs = Number(first) - Date.now();
    else if (verb === 'ready') this.emit('ready');
    else if (verb === 'power-cut') this.emit('power-cut');
    else if (verb === 'nvs') this.nvsWrites += 1;
    else if (verb === 'deepsleep') this.emit('sleep', Number(first));
    else if (verb === 'reset') this.emit('reset', first === 'soft' ? 'SOFT' : 'HARD');
  }

  /** The answer to a question about the chip; undefined when it is not one. */
  ask(line: string): string | undefined {
    const [verb, first = '', second = ''] = line.split(' ');
    if (verb === 'cause') return String(resetCause[this.#cause]);
    if (verb === 'id') return this.#uniqueId();
    if (verb === 'clock') return String(Math.round(this.#clockOffsetMs));
    if (verb === 'running') return this.bootLoader.running;
    if (verb === 'boot') return this.bootLoader.boot;
    if (verb === 'chip') return this.kind.name;
    if (verb === 'partitions') return this.kind.partitions;
    if (verb === 'join') return this.#join(first, second);
    if (verb === 'erase-for-valid') return this.bootLoader.eraseForValid();
    if (verb === 'erase-for-choice') this.bootLoader.eraseForChoice();
    else if (verb === 'choose') this.bootLoader.choose(first);
    else if (verb === 'valid') this.bootLoader.markValid();
    else return undefined;
    return '';
  }

  /** The access point's answer, as the ESP32 numbers it. */
  #join(ssid: string, password: string): string {
    const { wifi } = this.kind;
    const hex = (text: string) => Buffer.from(text).toString('hex');
    if (wifi && ssid !== hex(wifi.ssid)) return STAT_NO_AP_FOUND;
    if (wifi && password !== hex(wifi.password)) return STAT_WRONG_PASSWORD;
    this.emit('wifi', true);
    return STAT_GOT_IP;
  }

  /** A MAC address of Espressif's, drawn once for the life of the board. */
  #uniqueId(): string {
    const file = join(this.stateFolder, 'id');
    if (!existsSync(file)) writeFileSync(file, `240ac4${randomBytes(3).toString('hex')}`);
    return readFileSync(file, 'utf8');
  }
}
