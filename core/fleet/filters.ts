import { InvalidInputError } from '../protocol/errors';

/** `#` stands for so many levels of a board's name at most: see `expand`. */
const DEEPEST = 6;

/** The levels of a board's name; `+` is any. */
export type Pattern = readonly string[];

function badFilter(sentence: string): InvalidInputError {
  return new InvalidInputError('BAD_FILTER', 'bad board filter', sentence);
}

/** @throws InvalidInputError when `filter` is no name of boards with wildcards. */
function checkFilter(filter: unknown): string[] {
  if (typeof filter !== 'string' || filter === '') {
    throw badFilter('The boards are missing: name one, or write # for all.');
  }
  const shown = JSON.stringify(filter);
  const levels = filter.split('/');
  if (levels.some((level) => /[+#]/.test(level) && level.length > 1)) {
    throw badFilter(
      `In ${shown} a wildcard, + or #, must stand alone between slashes: site/+/oven.`,
    );
  }
  if (levels.slice(0, -1).includes('#')) {
    throw badFilter(`In ${shown} the wildcard # must be the last: it stands for all that follows.`);
  }
  if (/[\0\p{Surrogate}]/u.test(filter)) {
    throw badFilter(`${shown} holds a character that MQTT does not allow.`);
  }
  if (filter.startsWith('/') || filter.endsWith('/') || filter.startsWith('$')) {
    throw badFilter(`${shown} must neither begin nor end with "/", nor begin with "$".`);
  }
  return levels;
}

/**
 * The patterns that a filter stands for. Behind `#` MQTT allows nothing, but P/log has something behind a
 * board's name; and `#` alone would bring all commands and transfers along.
 * @throws InvalidInputError
 */
export function expand(filter: unknown): Pattern[] {
  const levels = checkFilter(filter);
  if (levels.at(-1) !== '#') return [levels];
  const before = levels.slice(0, -1);
  const patterns: Pattern[] = before.length > 0 ? [before] : [];
  for (let depth = 1; depth <= DEEPEST; depth++) {
    patterns.push([...before, ...Array<string>(depth).fill('+')]);
  }
  return patterns;
}

/** Whether `pattern` stands for the board of this name. */
export function matches(pattern: Pattern, name: Pattern): boolean {
  return (
    pattern.length === name.length &&
    pattern.every((level, index) => level === '+' || level === name[index])
  );
}

/** Whether there can be a board that both stand for. */
export function overlap(one: Pattern, other: Pattern): boolean {
  return (
    one.length === other.length &&
    one.every((level, index) => level === '+' || other[index] === '+' || level === other[index])
  );
}

/** The narrowest pattern that covers both. */
function cover(one: Pattern, other: Pattern): Pattern {
  return one.map((level, index) => (level === other[index] ? level : '+'));
}

/**
 * The fewest patterns that stand for the same boards, no board for two of them: a broker would deliver
 * twice. Of two that overlap and of which neither covers the other it is one that covers both.
 */
export function minimal(patterns: Iterable<Pattern>): Pattern[] {
  const names = new Map<string, Pattern>();
  let wild: Pattern[] = [];
  for (const pattern of patterns) {
    if (!pattern.includes('+')) names.set(pattern.join('/'), pattern);
    else wild = merge(wild, pattern);
  }
  const rest = [...names.values()].filter(
    (name) => !wild.some((pattern) => matches(pattern, name)),
  );
  return [...wild, ...rest];
}

/** Keeps `disjoint` so. */
function merge(disjoint: Pattern[], pattern: Pattern): Pattern[] {
  const other = disjoint.find((candidate) => overlap(candidate, pattern));
  if (other === undefined) return [...disjoint, pattern];
  return merge(
    disjoint.filter((candidate) => candidate !== other),
    cover(other, pattern),
  );
}
