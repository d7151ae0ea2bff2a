import {
  type BoardFilter,
  InvalidInputError,
  type RolloutLimits,
  type RolloutSettings,
} from '../../core/index';
import { kind } from '../shared/board-names';
import type { OtaSettings } from './settings';

const SECOND_MS = 1000;
const HOUR_MS = 3_600_000;

/**
 * How a roll-out goes, by the fields of the dialog. An empty field is as usual.
 * @throws InvalidInputError that names the field.
 */
export function readSettings(settings: OtaSettings): RolloutSettings {
  const canaries = count(settings.canaries, 'Canaries');
  const atOnce = count(settings.atOnce, 'At once', 1);
  const wait = amount(settings.wait, 'Pause');
  const deadline = settings.wake ? amount(settings.deadline, 'Deadline') : undefined;
  const retries = count(settings.retries, 'Retries');
  const quarantine = amount(settings.quarantine, 'Leave alone');
  const waves = readWaves(settings.waves);
  const stopAt = readLimits(settings);
  return {
    wake: settings.wake,
    ...(canaries !== undefined && { canaries }),
    ...(waves.length > 0 && { waves }),
    ...(atOnce !== undefined && { atOnce }),
    ...(wait !== undefined && { waitMs: wait * SECOND_MS }),
    ...(stopAt && { stopAt }),
    ...(deadline !== undefined && { deadlineMs: deadline * HOUR_MS }),
    ...(retries !== undefined && { retries }),
    ...(quarantine !== undefined && { quarantineMs: quarantine * HOUR_MS }),
  };
}

/**
 * Whom it is for: names and patterns, or a filter that a message brought, and what the dialog asks for besides.
 * @throws InvalidInputError that says what was found instead.
 */
export function readTargets(value: unknown, where: string, settings: OtaSettings): BoardFilter {
  const filter = asFilter(value, where);
  for (const name of ['chip', 'machine', 'below', 'tag'] as const) {
    const asked = settings[name].trim();
    if (asked !== '') filter[name] = asked;
  }
  if (Object.keys(filter).length === 0) {
    throw noBoards(`${where} is an empty filter. {"boards": ["#"]} stands for all that are known.`);
  }
  return filter;
}

function asFilter(value: unknown, where: string): BoardFilter {
  if (typeof value === 'string') return { boards: named(value.split(/[\n,]/), where) };
  if (Array.isArray(value)) {
    const wrong = value.find((name) => typeof name !== 'string');
    if (wrong === undefined) return { boards: named(value, where) };
    throw noBoards(`${where} must be a list of names, but holds ${kind(wrong)}.`);
  }
  if (typeof value === 'object' && value !== null) return { ...value };
  throw noBoards(
    `${where} must be names of boards, a list of them, or a filter like {"chip": "ESP32-S3"}, not ${kind(value)}.`,
  );
}

function named(names: string[], where: string): string[] {
  const boards = names.map((name) => name.trim()).filter((name) => name !== '');
  if (boards.length > 0) return boards;
  throw noBoards(`${where} names no board. # stands for all that are known.`);
}

function readWaves(text: string): NonNullable<RolloutSettings['waves']> {
  const waves = text
    .split(',')
    .map((wave) => wave.replace(/\s/g, ''))
    .filter((wave) => wave !== '');
  return waves.map((wave) => {
    if (/^[1-9]\d*$/.test(wave)) return Number(wave);
    if (/^\d+(\.\d+)?%$/.test(wave) && Number.parseFloat(wave) > 0) return wave as `${number}%`;
    throw bad(
      `"Waves" must be numbers of boards or per cents, like 5, 25 %, 100 %; not "${wave}".`,
    );
  });
}

function readLimits(settings: OtaSettings): RolloutLimits | undefined {
  const failed = count(settings.stopFailed, 'Stop');
  const percent = amount(settings.stopPercent, 'Stop');
  const atLeast = count(settings.stopAtLeast, 'Stop');
  if (failed === undefined && percent === undefined && atLeast === undefined) return undefined;
  return {
    ...(failed !== undefined && { failed }),
    ...(percent !== undefined && { percent }),
    ...(atLeast !== undefined && { atLeast }),
  };
}

/** A whole number. */
function count(text: string, field: string, least = 0): number | undefined {
  const value = amount(text, field);
  if (value === undefined || (Number.isInteger(value) && value >= least)) return value;
  throw bad(`"${field}" must be a whole number of at least ${least}, not "${text}".`);
}

function amount(text: string, field: string): number | undefined {
  const given = String(text ?? '').trim();
  if (given === '') return undefined;
  const value = Number(given);
  if (value >= 0 && Number.isFinite(value)) return value;
  throw bad(`"${field}" must be a number, 0 or more, not "${given}".`);
}

function bad(sentence: string): InvalidInputError {
  return new InvalidInputError('BAD_SETTINGS', 'bad settings', sentence);
}

function noBoards(sentence: string): InvalidInputError {
  return new InvalidInputError('NO_BOARD', 'no board', sentence);
}
