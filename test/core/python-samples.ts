import fc from 'fast-check';

/** A value twice: as a Python expression without any clever escapes, and as JavaScript has it. */
export interface Sample {
  python: string;
  js: unknown;
}

const text = fc.string({ unit: 'binary', maxLength: 12 }).map((js) => ({
  python: `"${[...js].map(codePoint).join('')}"`,
  js,
}));

function codePoint(character: string): string {
  return `\\U${(character.codePointAt(0) ?? 0).toString(16).padStart(8, '0')}`;
}

const integer = fc
  .oneof(fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }), fc.bigInt())
  .map((n) => ({
    python: `int("${n}")`,
    js: Number.isSafeInteger(Number(n)) ? Number(n) : n,
  }));

// MicroPython's own conversion loses digits at the very ends of the range.
const float = fc
  .double({ noDefaultInfinity: true, noNaN: true })
  .filter((n) => n === 0 || (Math.abs(n) > 1e-290 && Math.abs(n) < 1e290))
  .map((js) => {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleBE(js);
    return { python: `unpack(">d", bytes.fromhex("${bytes.toString('hex')}"))[0]`, js };
  });

const bytes = fc.uint8Array({ maxLength: 12 }).map((array) => ({
  python: `bytes.fromhex("${Buffer.from(array).toString('hex')}")`,
  js: Buffer.from(array),
}));

const constant = fc.constantFrom<Sample>(
  { python: 'None', js: null },
  { python: 'True', js: true },
  { python: 'False', js: false },
  { python: 'float("nan")', js: Number.NaN },
  { python: 'float("inf")', js: Number.POSITIVE_INFINITY },
  { python: '-float("inf")', js: Number.NEGATIVE_INFINITY },
);

function list(items: Sample[]): Sample {
  return { python: `[${items.map(({ python }) => python)}]`, js: items.map(({ js }) => js) };
}

function tuple(items: Sample[]): Sample {
  return { python: `tuple(${list(items).python})`, js: items.map(({ js }) => js) };
}

/** What may be a key, without those that are equal in Python and not here, like 1 and True. */
const key = fc.oneof(text, integer, bytes, fc.array(text, { maxLength: 2 }).map(tuple));
const keys = fc.uniqueArray(key, { maxLength: 4, selector: ({ python }) => python });
const names = fc.uniqueArray(text, { maxLength: 4, selector: ({ python }) => python });

function dict(keys: Sample[], values: Sample[], named: boolean): Sample {
  const pairs = keys.map((item, index) => [item, values[index] ?? item] as const);
  const entries = pairs.map(([item, value]) => [item.js, value.js] as [unknown, unknown]);
  const allNames = named || entries.every(([name]) => typeof name === 'string');
  return {
    python: `{${pairs.map(([item, value]) => `${item.python}: ${value.python}`)}}`,
    js: allNames ? Object.fromEntries(entries) : new Map(entries),
  };
}

const bytearray = bytes.map(({ python, js }) => ({ python: `bytearray(${python})`, js }));
const set = keys.map((items) => ({
  python: `set(${list(items).python})`,
  js: new Set(items.map(({ js }) => js)),
}));
const frozenset = set.map(({ python, js }) => ({ python: `frozen${python}`, js }));

/** Values of every kind that `repr()` writes as a literal, nested. */
export const samples = fc.letrec<{ value: Sample }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.oneof(text, integer, float, bytes, bytearray, constant, set, frozenset),
    fc.array(tie('value'), { maxLength: 4 }).map(list),
    fc.array(tie('value'), { maxLength: 4 }).map(tuple),
    fc.tuple(names, fc.array(tie('value'), { maxLength: 4 })).map(([k, v]) => dict(k, v, true)),
    fc.tuple(keys, fc.array(tie('value'), { maxLength: 4 })).map(([k, v]) => dict(k, v, false)),
  ),
})).value;

/** Text that is the same for values that are the same, whatever the order of sets and dicts. */
export function canonical(value: unknown): string {
  if (typeof value === 'bigint') return `integer ${value}`;
  if (typeof value === 'number' && Number.isInteger(value)) return `integer ${BigInt(value)}`;
  if (typeof value === 'number') return `float ${value.toPrecision(13)}`;
  if (typeof value === 'string') return JSON.stringify(value);
  if (Buffer.isBuffer(value)) return `bytes ${value.toString('hex')}`;
  if (Array.isArray(value)) return `[${value.map(canonical)}]`;
  if (value instanceof Set) return `set ${[...value].map(canonical).sort()}`;
  if (value instanceof Map) return `map ${[...value].map(canonical).sort()}`;
  if (typeof value !== 'object' || value === null) return String(value);
  return `object ${Object.entries(value).map(canonical).sort()}`;
}
