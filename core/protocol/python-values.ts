import { readQuoted } from './python-strings';

/** A nesting that no sensible value has; what is deeper stays text. */
const MAX_DEPTH = 100;

/** Thrown inside, never seen outside: the text is no value that JavaScript could hold. */
class Unparsable extends Error {}

/**
 * Reads what `repr()` said on the board.
 *
 * Numbers become numbers, integers beyond 2^53 BigInt, `bytes` and `bytearray` Buffer, lists and tuples
 * arrays, sets Set, a dict with only string keys an object, any other dict a Map, None null. Where any
 * part is something else, the whole text is returned as it is.
 */
export function pythonToJs(text: string): unknown {
  try {
    return new Reader(text).whole();
  } catch (error) {
    if (error instanceof Unparsable) return text;
    throw error;
  }
}

const CONSTANTS = new Map<string, unknown>([
  ['None', null],
  ['True', true],
  ['False', false],
]);
const NUMBER = /-?(?:\d+(\.\d+)?(e[+-]?\d+)?|inf|nan)(?![\w.])/y;
const NAME = /[A-Za-z_]\w*/y;

class Reader {
  private at = 0;

  constructor(private readonly text: string) {}

  whole(): unknown {
    const value = this.value(0);
    if (this.at !== this.text.length) throw new Unparsable();
    return value;
  }

  private value(depth: number): unknown {
    if (depth > MAX_DEPTH) throw new Unparsable();
    if (this.take('[')) return this.items(']', depth);
    if (this.take('(')) return this.items(')', depth);
    if (this.take('{')) return this.dictOrSet(depth);
    const next = this.text[this.at];
    if (next === "'" || next === '"') return this.quoted();
    if (/^b['"]/.test(this.text.slice(this.at, this.at + 2))) return this.bytes();
    return this.number() ?? this.named(depth);
  }

  /** The values up to `end`; a tuple of one has a comma behind it, and so may anything. */
  private items(end: string, depth: number): unknown[] {
    const items: unknown[] = [];
    while (!this.take(end)) {
      items.push(this.value(depth + 1));
      if (!this.next(end)) break;
    }
    return items;
  }

  /** True when another item follows; false when `end` was read. */
  private next(end: string): boolean {
    if (this.take(', ')) return true;
    if (this.take(',') && this.text.startsWith(end, this.at)) return true;
    this.need(end);
    return false;
  }

  private dictOrSet(depth: number): unknown {
    if (this.take('}')) return {};
    const first = this.value(depth + 1);
    if (!this.take(': ')) {
      return new Set([first, ...(this.next('}') ? this.items('}', depth) : [])]);
    }
    const entries: Array<[unknown, unknown]> = [[first, this.value(depth + 1)]];
    while (this.next('}')) {
      const key = this.value(depth + 1);
      this.need(': ');
      entries.push([key, this.value(depth + 1)]);
    }
    const named = entries.every(
      (entry): entry is [string, unknown] => typeof entry[0] === 'string',
    );
    // fromEntries defines its properties, so that a key like __proto__ is a key like any other.
    return named ? Object.fromEntries(entries) : new Map(entries);
  }

  private quoted(): string {
    const found = readQuoted(this.text, this.at);
    if (!found) throw new Unparsable();
    this.at = found.end;
    return found.value;
  }

  private bytes(): Buffer {
    this.need('b');
    const characters = this.quoted();
    if (/[^\0-\xff]/.test(characters)) throw new Unparsable();
    return Buffer.from(characters, 'latin1');
  }

  private number(): number | bigint | undefined {
    const found = this.match(NUMBER);
    if (!found) return undefined;
    const [digits, fraction, exponent] = found;
    if (digits.endsWith('nan')) return Number.NaN;
    if (digits.endsWith('inf')) return digits.startsWith('-') ? -Infinity : Infinity;
    const value = Number(digits);
    const whole = fraction === undefined && exponent === undefined;
    return whole && !Number.isSafeInteger(value) ? BigInt(digits) : value;
  }

  private named(depth: number): unknown {
    const name = this.match(NAME)?.[0] ?? '';
    if (CONSTANTS.has(name)) return CONSTANTS.get(name);
    this.need('(');
    if (name === 'bytearray') {
      const content = this.bytes();
      this.need(')');
      return content;
    }
    const kind = { set: Set, frozenset: Set, OrderedDict: Object }[name];
    if (!kind) throw new Unparsable();
    if (this.take(')')) return new kind();
    const content = this.value(depth + 1);
    this.need(')');
    // A Map is an OrderedDict whose keys are not all strings.
    const shape = content instanceof Map ? Object : (content as object | null)?.constructor;
    if (shape !== kind) throw new Unparsable();
    return content;
  }

  private match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found) this.at = pattern.lastIndex;
    return found;
  }

  private take(token: string): boolean {
    if (!this.text.startsWith(token, this.at)) return false;
    this.at += token.length;
    return true;
  }

  private need(token: string): void {
    if (!this.take(token)) throw new Unparsable();
  }
}
