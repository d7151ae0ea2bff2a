import { InvalidInputError } from '../../protocol/errors';
import type { Release } from '../../protocol/release';
import { expand } from '../filters';

/** What all boards are to get. `version` of an image: what it is called; default: what its header says. */
export type RolloutContent = { release: Release } | { image: Buffer; version?: string };

/** Those of the known boards for which all that is given holds. */
export interface BoardFilter {
  /** Names, or patterns with `+` and `#`. A name counts also where nothing is known of such a board yet. */
  boards?: string[];
  /** As `esp32` or `ESP32-S3`. */
  chip?: string;
  /** A part of what the board says of itself in words; capitals do not matter. */
  machine?: string;
  /** What it has of this is older than this version, or it has none. */
  below?: string;
  /** One of the `tags` in its configuration. */
  tag?: string;
}

export interface RolloutLimits {
  /** It stops when more boards than this have failed. */
  failed?: number;
  /** It stops when more per cent than this of the boards that were tried have failed ... */
  percent?: number;
  /** ... once so many were tried. Default 1. */
  atLeast?: number;
}

export interface RolloutSettings {
  /** So many boards first. One that fails stops the roll-out, one that was not there does not count. Default 0. */
  canaries?: number;
  /** Sizes of the waves behind them, in boards or of all targets; the last holds for all further ones. Default 100%. */
  waves?: Array<number | `${number}%`>;
  /** So many boards at the same time. Default 20. */
  atOnce?: number;
  /** From the end of a wave to the next, in milliseconds. Default 0. */
  waitMs?: number;
  /** Default: more than 10 % of at least 5. Failed are those that undid it, and those that could not be sent it. */
  stopAt?: RolloutLimits;
  /** Waits for boards that are asleep or offline, and updates them as soon as they are there. */
  wake?: boolean;
  /** With `wake`: so many milliseconds after its beginning nobody is waited for any more. Default a week. */
  deadlineMs?: number;
  /** How often more a board is tried that could not be sent it. What a board undid is not tried again. Default 1. */
  retries?: number;
  /** Default 10 000. */
  retryWaitMs?: number;
  /** How long a board on trial is waited for, in milliseconds. Default 15 minutes. */
  trialMs?: number;
  /**
   * How long a board is left alone that failed twice in a row with this very content, in whatever roll-outs with
   * the same memory; twice as long with each further time, 30 days at most. Default a day; 0: never.
   */
  quarantineMs?: number;
}

export interface RolloutPlan extends RolloutSettings {
  /** Names this roll-out: one of the same id that is not over goes on where it was. */
  id: string;
  content: RolloutContent;
  /** Names and patterns, or a filter. They are looked up once, when it begins. */
  targets: string[] | BoardFilter;
}

const HOUR_MS = 3_600_000;
const USUAL_LIMITS: RolloutLimits = { percent: 10, atLeast: 5 };

/** Keeps all rules in force at once; an explicit empty `stopAt` stops for canaries only. */
export function settingsOf(plan: RolloutSettings): Required<RolloutSettings> {
  const settings = {
    canaries: plan.canaries ?? 0,
    waves: plan.waves && plan.waves.length > 0 ? plan.waves : ['100%' as const],
    atOnce: plan.atOnce ?? 20,
    waitMs: plan.waitMs ?? 0,
    stopAt: limitsOf(plan.stopAt),
    wake: plan.wake ?? false,
    deadlineMs: plan.deadlineMs ?? 7 * 24 * HOUR_MS,
    retries: plan.retries ?? 1,
    retryWaitMs: plan.retryWaitMs ?? 10_000,
    trialMs: plan.trialMs ?? HOUR_MS / 4,
    quarantineMs: plan.quarantineMs ?? 24 * HOUR_MS,
  };
  const { stopAt, waves, ...numbers } = settings;
  for (const [name, value] of Object.entries({ ...numbers, ...stopAt })) {
    if (typeof value !== 'boolean') check(value, name, 0);
  }
  check(settings.atOnce, 'atOnce', 1);
  for (const wave of waves) {
    if (typeof wave !== 'string') check(wave, 'waves', 1);
    else if (!(percent(wave) > 0)) throw badPlan(`waves has "${wave}", and not as in "25%".`);
  }
  return settings;
}

function limitsOf(given: RolloutLimits = USUAL_LIMITS): RolloutLimits {
  const { failed, percent, atLeast } = given;
  const isForPercent = failed === undefined && percent === undefined && atLeast !== undefined;
  return isForPercent ? { ...USUAL_LIMITS, atLeast } : given;
}

const FILTER_KEYS = ['boards', 'chip', 'machine', 'below', 'tag'];

/**
 * Whatever a flow gives for one: a key that is misspelled would mean boards that nobody meant.
 * @throws InvalidInputError for targets that cannot be any.
 */
export function filterOf(targets: string[] | BoardFilter): BoardFilter {
  const filter = Array.isArray(targets) ? { boards: targets } : targets;
  for (const [key, value] of Object.entries(filter)) {
    if (!FILTER_KEYS.includes(key)) {
      throw badPlan(`A filter of boards has the keys ${FILTER_KEYS.join(', ')}, and not "${key}".`);
    }
    if (key !== 'boards' && typeof value !== 'string') {
      throw badPlan(`In a filter of boards "${key}" is a text, and not ${String(value)}.`);
    }
  }
  const { boards = ['#'] } = filter;
  if (!Array.isArray(boards)) throw badPlan('In a filter of boards "boards" is a list of names.');
  if (boards.length === 0) throw badPlan('No boards are named.');
  for (const board of boards) expand(board);
  return filter;
}

/** How many boards the wave of this number has, counted from 0, out of so many targets. */
export function waveSize(
  waves: Array<number | `${number}%`>,
  index: number,
  total: number,
): number {
  const wave = waves[Math.min(index, waves.length - 1)] ?? total;
  return typeof wave === 'number' ? wave : Math.max(1, Math.ceil((percent(wave) * total) / 100));
}

function percent(wave: string): number {
  return /^\d+(\.\d+)?%$/.test(wave) ? Number(wave.slice(0, -1)) : Number.NaN;
}

function check(value: unknown, name: string, least: number): void {
  if (typeof value === 'number' && value >= least) return;
  const shown = typeof value === 'string' ? value : String(value);
  throw badPlan(`${name} is a number of at least ${least}, and not ${shown}.`);
}

function badPlan(sentence: string): InvalidInputError {
  return new InvalidInputError('BAD_ROLLOUT', 'bad roll-out', sentence);
}
