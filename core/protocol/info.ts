import { present, Said } from './said';
import {
  type BoardMode,
  type ImageInfo,
  type SlotInfo,
  type UpdateInfo,
  updateKeys,
} from './update-info';

const RESETS = [
  ...(['power', 'intended', 'crash', 'hang', 'unexplained'] as const),
  ...(['soft', 'sleep', 'unknown'] as const),
] as const;

/** Why a board restarted, as it sees it itself. */
export type ResetReason = (typeof RESETS)[number];

/** What the boot before left in memory that outlives a reset. */
export interface LastBoot {
  boot?: number;
  /** How long it ran, in seconds. */
  up?: number;
  /** Number of the last log line that it said, and of the last one that the broker acknowledged. */
  said?: number;
  acked?: number;
  /** The note was some time old when the boot ended. */
  rough: boolean;
}

/** A board that sleeps, in seconds. */
export interface WakeSchedule {
  /** How long it sleeps; 0: it never does. */
  every: number;
  /** How long it stays connected in between. */
  awake: number;
}

/** What a board says about itself each time it connects. */
export interface BoardInfo {
  /** Highest version of the wire that it understands. */
  wire: number;
  /** The commands it carries out. */
  do: string[];
  /** Random number of this boot. */
  boot: number | undefined;
  /** Largest number of bytes it takes after a frame's header. */
  chunk: number;
  /** Largest command in bytes. */
  max: number;
  /** Largest window of deflate, in bits, that it inflates; undefined when it cannot. */
  inflate: number | undefined;
  /** Version of the `.mpy` files that it loads; undefined when it loads none. */
  bytecode: number | undefined;
  /** Versions of the framework and of MicroPython; the board in words. */
  fw?: string;
  mpy?: string;
  machine?: string;
  /** `machine.unique_id()`, hexadecimal. */
  id?: string;
  /** What the chip says of the last reset. */
  cause?: string;
  /** What the board made of it, and why in words. */
  reset?: ResetReason;
  reason?: string;
  last?: LastBoot;
  /** Seconds since the start, when the message was made; UNIX seconds at the same moment. */
  up?: number;
  time?: number;
  /** Minutes that the times of log lines are ahead of UTC; undefined: 0. */
  zone?: number;
  /** 2: log lines are numbered. */
  log?: number;
  /** Undefined of a board whose firmware knows no other than normal. */
  mode?: BoardMode;
  /** What is on the board by slots; undefined: it knows no releases. */
  releases?: Record<string, SlotInfo>;
  /** The last update and what became of it; undefined: there was none. */
  update?: UpdateInfo;
  /** Undefined: it takes no firmware images. */
  image?: ImageInfo;
  /** Version of the framework in the safe copy; undefined: there is no copy yet. */
  safe?: string;
  /** In mode `safe`: why, in words. */
  why?: string;
  /** Names that the configuration gave it, for choosing boards by. */
  tags?: string[];
  /** When it sleeps; undefined: its firmware has no schedule, or it never slept. */
  wake?: WakeSchedule;
  /** How often the board has booted. */
  boots?: number;
  /** `verified` or `unverified`: whether the board knows its broker. */
  tls?: string;
}

const SMALLEST_CHUNK = 64;
const USUAL_CHUNK = 1400;
const MOST_BYTES = 16_384;
/** A day is the most that a clock can be off UTC, in minutes. */
const MOST_ZONE = 24 * 60;

/** Reads a birth message. Returns undefined for one that is none: the board counts as version 1. */
export function parseInfo(payload: Buffer | string): BoardInfo | undefined {
  const said = Said.parse(payload, MOST_BYTES);
  if (!said) return undefined;
  const zone = said.number('zone');
  return {
    wire: said.count('wire') ?? 1,
    do: said.texts('do') ?? [],
    boot: said.number('boot'),
    chunk: Math.max(SMALLEST_CHUNK, said.count('chunk') ?? USUAL_CHUNK),
    max: said.count('max') ?? Number.POSITIVE_INFINITY,
    inflate: said.number('inflate'),
    bytecode: said.number('bytecode'),
    ...present({
      fw: said.text('fw'),
      mpy: said.text('mpy'),
      machine: said.text('machine'),
      id: said.text('id'),
      cause: said.text('cause'),
      reset: said.word('reset', RESETS),
      reason: said.text('reason'),
      last: lastBoot(Said.of(said.keys.last)),
      up: said.seconds('up'),
      time: said.seconds('time'),
      zone: zone !== undefined && Math.abs(zone) <= MOST_ZONE ? zone : undefined,
      log: said.number('log'),
      ...updateKeys(said),
      tags: said.texts('tags'),
      wake: wakeSchedule(Said.of(said.keys.wake)),
      boots: said.count('boots'),
      tls: said.text('tls'),
    }),
  };
}

function lastBoot(said: Said | undefined): LastBoot | undefined {
  if (!said) return undefined;
  return {
    rough: said.true('rough'),
    ...present({
      boot: said.number('boot'),
      up: said.seconds('up'),
      said: said.count('said'),
      acked: said.count('acked'),
    }),
  };
}

function wakeSchedule(said: Said | undefined): WakeSchedule | undefined {
  const every = said?.seconds('every');
  const awake = said?.seconds('awake');
  return every === undefined || awake === undefined ? undefined : { every, awake };
}

/** As a log line tells its boot: the lowest 12 bits, as three hexadecimal digits. */
export function shortBoot(boot: number): string {
  return (boot & 0xfff).toString(16).padStart(3, '0');
}
