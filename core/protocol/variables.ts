import { InvalidInputError } from './errors';

/** Deeper than any data that means something, and shallow enough for a board's stack. */
const MAX_DEPTH = 20;
const TAG = '$mqb';

const KEYWORDS = new Set(
  (
    'False None True and as assert async await break class continue def del elif else except ' +
    'finally for from global if import in is lambda nonlocal not or pass raise return try while ' +
    'with yield'
  ).split(' '),
);

/** The keys of an `eval` command line that carry variables. */
export interface EncodedVariables {
  vars: Record<string, unknown>;
  tagged?: true;
}

function badVariable(path: string, problem: string): InvalidInputError {
  return new InvalidInputError('BAD_VARIABLE', 'bad variable', `The variable ${path} ${problem}`);
}

/**
 * Makes JSON of what the board's code shall find as global names. Bytes, nan and large integers get
 * tags; undefined becomes None; Map and Set become dict and list; a Date its ISO text.
 * @throws InvalidInputError that names the variable, and the way to the value that cannot be sent.
 */
export function encodeVariables(
  variables: Record<string, unknown> = {},
): Partial<EncodedVariables> {
  const encoder = new Encoder();
  const entries = Object.entries(variables).map(([name, value]) => {
    if (!/^[\p{L}_][\p{L}\p{N}_]*$/u.test(name) || KEYWORDS.has(name)) {
      throw badVariable(JSON.stringify(name), 'cannot have this name: it is not a name in Python.');
    }
    return [name, encoder.encode(value, name, 0)] as const;
  });
  if (entries.length === 0) return {};
  // fromEntries defines, so that a name like __proto__ is a name like any other.
  const vars = Object.fromEntries(entries);
  return encoder.tagged ? { vars, tagged: true } : { vars };
}

class Encoder {
  tagged = false;
  private readonly above = new Set<object>();

  encode(value: unknown, path: string, depth: number): unknown {
    switch (typeof value) {
      case 'string':
      case 'boolean':
        return value;
      case 'undefined':
        return null;
      case 'number':
        return Number.isFinite(value) ? value : this.tag('float', pythonFloat(value));
      case 'bigint':
        return Number.isSafeInteger(Number(value)) ? Number(value) : this.tag('int', `${value}`);
      case 'object':
        return value === null ? null : this.container(value, path, depth);
      default:
        throw badVariable(path, `is a ${typeof value}, which cannot be sent to a board.`);
    }
  }

  private container(value: object, path: string, depth: number): unknown {
    if (value instanceof Uint8Array) {
      const { buffer, byteOffset, byteLength } = value;
      return this.tag('bytes', Buffer.from(buffer, byteOffset, byteLength).toString('base64'));
    }
    if (value instanceof Date) return value.toJSON();
    if (this.above.has(value)) throw badVariable(path, 'contains itself.');
    if (depth >= MAX_DEPTH) throw badVariable(path, `is nested deeper than ${MAX_DEPTH} levels.`);
    this.above.add(value);
    const encoded =
      Array.isArray(value) || value instanceof Set
        ? Array.from(value, (item, index) => this.encode(item, `${path}[${index}]`, depth + 1))
        : this.dict(value instanceof Map ? [...value] : Object.entries(value), path, depth);
    this.above.delete(value);
    return encoded;
  }

  private dict(entries: Array<[unknown, unknown]>, path: string, depth: number): unknown {
    const encoded = entries.map(([key, value]) => {
      if (typeof key !== 'string') throw badVariable(path, 'has a key that is not a string.');
      return [key, this.encode(value, `${path}.${key}`, depth + 1)] as const;
    });
    const dict = Object.fromEntries(encoded);
    return Object.hasOwn(dict, TAG) ? this.tag('dict', dict) : dict;
  }

  private tag(kind: string, v: unknown): unknown {
    this.tagged = true;
    return { [TAG]: kind, v };
  }
}

function pythonFloat(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  return value > 0 ? 'inf' : '-inf';
}
