import { InvalidInputError, LEVELS } from '../../core/index';
import { kind } from '../shared/board-names';

const LONGEST_INTERVAL_S = 86_400;
const LONGEST_SLEEP_S = 604_800;

export function bad(code: string, badge: string, sentence: string): InvalidInputError {
  return new InvalidInputError(code, badge, sentence);
}

/** A level for all loggers, or what a board takes as its setting; null for its configuration. */
export function logSetting(value: unknown): object | null {
  if (value === null) return null;
  if (typeof value === 'object' && !Array.isArray(value)) return value;
  const isLevel = typeof value === 'number' || value === 'off' || `${value}` in LEVELS;
  if (isLevel) return { mqtt: { '*': value } };
  const levels = `${Object.keys(LEVELS).join(', ')}, off`;
  throw bad(
    'BAD_LEVEL',
    'bad level',
    `The log level must be one of ${levels}, a number, or like {"mqtt": {"*": "info", "heating": "debug"}}; it is ${found(value)}.`,
  );
}

export function sysinfoSetting(value: unknown): object | null {
  if (value === null) return null;
  const interval = amount(value);
  if (interval >= 0 && interval <= LONGEST_INTERVAL_S) return { interval };
  throw bad(
    'BAD_INTERVAL',
    'bad interval',
    `The interval must be a number of seconds, 0 for none, at most 86400 (a day); it is ${found(value)}.`,
  );
}

/** What is not given is as configured; null: all of it is. */
export function wakeSetting(every: unknown, awake: unknown): object | null {
  const schedule = { ...sleepTime('every', every, 0), ...sleepTime('awake', awake, 1) };
  return Object.keys(schedule).length > 0 ? schedule : null;
}

function sleepTime(name: 'every' | 'awake', value: unknown, least: number): object {
  if (value === undefined || value === null || value === '') return {};
  const seconds = amount(value);
  if (seconds >= least && seconds <= LONGEST_SLEEP_S) return { [name]: seconds };
  const what = name === 'every' ? 'The time to sleep' : 'The time awake';
  throw bad(
    'BAD_WAKE',
    'bad schedule',
    `${what} must be a number of seconds, ${least} to 604800 (a week); it is ${found(value)}.`,
  );
}

/** NaN for what is no number. */
function amount(value: unknown): number {
  if (typeof value === 'string' && value.trim() !== '') return Number(value);
  return typeof value === 'number' ? value : Number.NaN;
}

export function found(value: unknown): string {
  return typeof value === 'string' ? `"${value}"` : kind(value);
}
