import { type LevelName, levelOfLetter } from './log-level';

/** One message of `P/log`, taken apart. */
export interface LogLine {
  /** As in Python's `logging`: 10 to 50. */
  level: number;
  levelName: LevelName;
  /** Time of day as the board wrote it: `HH:MM:SS.mmm`. */
  clock?: string;
  /** Milliseconds since boot, while the board's clock was unset. */
  bootTime?: number;
  /** Name of the logger; empty where the message is no log line. */
  name: string;
  text: string;
  /** The lowest 12 bits of the number of the boot, as 3 hexadecimal digits. */
  boot?: string;
  /** Number of the line in its boot, from 1. */
  seq?: number;
  /** Said while the board had no connection. */
  backlog: boolean;
  /** What the next line is: the next one of the same message, or the rest of this one. */
  goesOn?: 'line' | 'piece';
  /** The board's own count of lines that it dropped, which this line stands for. */
  lost?: number;
}

/** Far above the 1024 bytes of a line: what is longer is none, and is cut. */
const LONGEST = 16_384;
/** Length of `HH:MM:SS.mmm`. */
const CLOCK = 12;

const SPACE = 32;
const HASH = 35;
const AMPERSAND = 38;
const PLUS = 43;
const DOT = 46;
const COLON = 58;
const TILDE = 126;

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function isHexDigit(code: number): boolean {
  return isDigit(code) || (code >= 97 && code <= 102);
}

/** Index behind the digits that begin at `from`. */
function behindDigits(text: string, from: number): number {
  let at = from;
  while (isDigit(text.charCodeAt(at))) at++;
  return at;
}

function isClock(text: string, at: number): boolean {
  for (let index = 0; index < CLOCK; index++) {
    const code = text.charCodeAt(at + index);
    const wanted = index === 2 || index === 5 ? COLON : index === 8 ? DOT : 0;
    if (wanted === 0 ? !isDigit(code) : code !== wanted) return false;
  }
  return true;
}

/**
 * Takes a log line apart. Never throws: what is no log line has the level 20, an empty name, and the
 * text whole. Written without regular expressions, because it is on the way of every line.
 */
export function parseLogLine(payload: Buffer | string): LogLine {
  const whole =
    typeof payload === 'string' ? payload.slice(0, LONGEST) : payload.toString('utf8', 0, LONGEST);
  return parse(whole) ?? { level: 20, levelName: 'info', name: '', text: whole, backlog: false };
}

function parse(text: string): LogLine | undefined {
  const worth = levelOfLetter(text.charCodeAt(0));
  if (worth === undefined || text.charCodeAt(1) !== SPACE) return undefined;
  const { level, levelName } = worth;
  const line: LogLine = { level, levelName, name: '', text: '', backlog: false };
  let at = 2;
  while (text.charCodeAt(at) === SPACE) at++;
  if (isClock(text, at)) {
    line.clock = text.slice(at, at + CLOCK);
    at += CLOCK;
  } else {
    const end = behindDigits(text, at);
    if (end === at) return undefined;
    line.bootTime = Number(text.slice(at, end));
    at = end;
  }
  if (text.charCodeAt(at) === HASH) at = readNumber(text, at, line);
  if (text.charCodeAt(at) !== SPACE) return undefined;
  while (text.charCodeAt(at) === SPACE) at++;
  const end = endOfName(text, at);
  if (end < 0) return undefined;
  line.name = text.slice(at, end);
  line.text = text.slice(end + 2);
  if (level === 30 && line.name === 'logging') {
    const digits = behindDigits(line.text, 0);
    if (digits > 0 && /^ lines? lost\b/.test(line.text.slice(digits, digits + 12))) {
      const lost = Number(line.text.slice(0, digits));
      if (Number.isSafeInteger(lost)) line.lost = lost;
    }
  }
  return line;
}

/** A line without text may have lost the space behind the colon. */
function endOfName(text: string, from: number): number {
  const end = text.indexOf(': ', from);
  if (end >= 0) return end;
  return text.charCodeAt(text.length - 1) === COLON && text.length > from ? text.length - 1 : -1;
}

/** Reads `#boot.n` and the marks into `line`. Returns the index behind them, or -1. */
function readNumber(text: string, hash: number, line: LogLine): number {
  const dot = hash + 4;
  for (let at = hash + 1; at < dot; at++) if (!isHexDigit(text.charCodeAt(at))) return -1;
  if (text.charCodeAt(dot) !== DOT) return -1;
  let at = behindDigits(text, dot + 1);
  const seq = Number(text.slice(dot + 1, at));
  if (at === dot + 1 || !Number.isSafeInteger(seq)) return -1;
  line.boot = text.slice(hash + 1, dot);
  line.seq = seq;
  if (text.charCodeAt(at) === TILDE) {
    line.backlog = true;
    at++;
  }
  if (text.charCodeAt(at) === PLUS) {
    line.goesOn = 'line';
    at++;
  }
  if (text.charCodeAt(at) === AMPERSAND) {
    line.goesOn = 'piece';
    at++;
  }
  return at;
}
