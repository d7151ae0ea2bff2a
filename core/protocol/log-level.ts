/** What a log line is worth, in words. */
export type LevelName = 'debug' | 'info' | 'warning' | 'error' | 'critical';

interface Level {
  level: number;
  levelName: LevelName;
}

/** By the code of the letter that a line begins with. */
const BY_LETTER: Array<Level | undefined> = [];
for (const [letter, level, levelName] of [
  ['D', 10, 'debug'],
  ['I', 20, 'info'],
  ['W', 30, 'warning'],
  ['E', 40, 'error'],
  ['C', 50, 'critical'],
] as const) {
  BY_LETTER[letter.charCodeAt(0)] = { level, levelName };
}

/** The numbers are those of Python's `logging`. */
export const LEVELS: Record<LevelName, number> = {
  debug: 10,
  info: 20,
  warning: 30,
  error: 40,
  critical: 50,
};

export function levelOfLetter(code: number): Level | undefined {
  return BY_LETTER[code];
}
