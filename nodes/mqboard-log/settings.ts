import { expand, matches, type Pattern } from '../../core/fleet/filters';
import { InvalidInputError, LEVELS } from '../../core/index';

/** What the dialog stores. What is missing in a flow that somebody wrote by hand is as usual. */
export interface LogSettings {
  /** Patterns of board names, one a line or separated by commas; empty for all boards. */
  boards?: string;
  records?: boolean;
  crashes?: boolean;
  sysinfo?: boolean;
  presence?: boolean;
  /** Name of the lowest level that passes. */
  level?: string;
  loggers?: string;
  /** Seconds in which the same record counts as a repeat; 0 for never. */
  coalesce?: string | number;
  /** Records a second of each board; empty for no limit. */
  limit?: string | number;
}

/** The same, to work with. */
export interface LogPlan {
  boards: string[];
  /** Whether a board of this name is one of them. */
  isWatched(board: string): boolean;
  records: boolean;
  crashes: boolean;
  sysinfo: boolean;
  presence: boolean;
  level: number;
  loggers: string[];
  coalesceMs: number;
  perSecond: number;
}

const USUAL_COALESCE_S = 10;
const LONGEST_COALESCE_S = 86_400;

function bad(sentence: string): InvalidInputError {
  return new InvalidInputError('BAD_SETTINGS', 'bad settings', sentence);
}

/** @throws InvalidInputError that names the field. */
export function readSettings(settings: LogSettings): LogPlan {
  const named = listOf(settings.boards);
  const boards = named.length > 0 ? named : ['#'];
  const patterns: Pattern[] = boards.flatMap(expand);
  const level = (LEVELS as Record<string, number>)[settings.level || 'debug'];
  if (level === undefined) {
    throw bad(`The lowest level must be one of ${Object.keys(LEVELS).join(', ')}.`);
  }
  const seconds = number(settings.coalesce, USUAL_COALESCE_S);
  if (!(seconds >= 0 && seconds <= LONGEST_COALESCE_S)) {
    throw bad('"Repeats" must be a number of seconds, 0 for never.');
  }
  const perSecond = number(settings.limit, 0);
  if (!(Number.isInteger(perSecond) && perSecond >= 0)) {
    throw bad('"Rate limit" must be a whole number of records, or empty for no limit.');
  }
  return {
    boards,
    isWatched: (board) => {
      const levels = board.split('/');
      return patterns.some((pattern) => matches(pattern, levels));
    },
    records: settings.records !== false,
    crashes: settings.crashes !== false,
    sysinfo: settings.sysinfo !== false,
    presence: settings.presence !== false,
    level,
    loggers: listOf(settings.loggers),
    coalesceMs: seconds * 1000,
    perSecond,
  };
}

function number(value: string | number | undefined, usual: number): number {
  const text = String(value ?? '').trim();
  return text === '' ? usual : Number(text);
}

/** The entries of a field: one a line, or separated by commas. */
function listOf(text: string | undefined): string[] {
  return String(text ?? '')
    .split(/[\n,]/)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}
