const tag = (kind: string, v: string) => ({ $mqb: kind, v });

/**
 * Makes JSON of a value from a board, with the tags of the wire for what JSON lacks; a set becomes a
 * list, and a dict whose keys are not all strings a list of pairs.
 */
export function jsonValue(value: unknown): unknown {
  if (typeof value === 'bigint') return tag('int', String(value));
  if (typeof value === 'number' && !Number.isFinite(value)) {
    return tag('float', Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf');
  }
  if (Buffer.isBuffer(value)) return tag('bytes', value.toString('base64'));
  if (Array.isArray(value)) return value.map(jsonValue);
  if (value instanceof Set || value instanceof Map) return [...value].map(jsonValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, jsonValue(item)]));
}
