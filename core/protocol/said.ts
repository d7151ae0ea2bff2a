/** Longest text that is taken from a key of a board's JSON: no board has more to say in one. */
const LONGEST_TEXT = 4096;
/** What nests deeper is nothing that a board says; to copy it or to write it down could exhaust the stack. */
const DEEPEST = 8;
/** A date has a little more, either way of 1970. */
const MOST_SECONDS = 8e12;

/** What a board said in JSON, read key by key without trust: a key of the wrong type is not there. */
export class Said {
  private constructor(readonly keys: Record<string, unknown>) {}

  /** Returns undefined for what is no JSON object, larger than `maxBytes`, or nested too deep. */
  static parse(payload: Buffer | string, maxBytes: number): Said | undefined {
    if (payload.length > maxBytes) return undefined;
    try {
      const value = JSON.parse(payload.toString());
      return isShallow(value, DEEPEST) ? Said.of(value) : undefined;
    } catch {
      return undefined;
    }
  }

  static of(value: unknown): Said | undefined {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? new Said(value as Record<string, unknown>) : undefined;
  }

  number(key: string): number | undefined {
    const value = this.keys[key];
    return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
  }

  /** A number that counts something: not negative. */
  count(key: string): number | undefined {
    const value = this.number(key);
    return value !== undefined && value >= 0 ? value : undefined;
  }

  /** A time or a duration, of which a date can be made. */
  seconds(key: string): number | undefined {
    const value = this.count(key);
    return value !== undefined && value <= MOST_SECONDS ? value : undefined;
  }

  text(key: string): string | undefined {
    const value = this.keys[key];
    return typeof value === 'string' ? value.slice(0, LONGEST_TEXT) : undefined;
  }

  /** Entries that are no texts are left out; undefined for what is no list. */
  texts(key: string): string[] | undefined {
    const value = this.keys[key];
    return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : undefined;
  }

  /** One of a few words. */
  word<T extends string>(key: string, words: readonly T[]): T | undefined {
    const value = this.keys[key];
    return words.find((word) => word === value);
  }

  true(key: string): boolean {
    return this.keys[key] === true;
  }
}

function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((inner) => isShallow(inner, levels - 1));
}

/** Leaves out the keys that have no value. */
export function present<T extends object>(keys: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const result: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(keys)) if (value !== undefined) result[key] = value;
  return result as { [K in keyof T]?: Exclude<T[K], undefined> };
}
