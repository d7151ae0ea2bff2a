/** A value of JSON as Python writes it down. */
export function pythonLiteral(value: unknown): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  // JSON's escapes are Python's, but for "\/", which nobody writes.
  if (typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(pythonLiteral).join(', ')}]`;
  const entries = Object.entries(value).map(
    ([key, item]) => `${JSON.stringify(key)}: ${pythonLiteral(item)}`,
  );
  return `{${entries.join(', ')}}`;
}

const WORDS = new Map<string, unknown>([
  ['True', true],
  ['False', false],
  ['None', null],
]);

/** What somebody typed as a value: JSON, or a word of Python, else text. */
export function typedValue(text: string): unknown {
  if (WORDS.has(text)) return WORDS.get(text);
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
