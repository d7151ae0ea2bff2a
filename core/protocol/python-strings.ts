const SIMPLE: Record<string, string> = {
  '\\': '\\',
  "'": "'",
  '"': '"',
  n: '\n',
  r: '\r',
  t: '\t',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  '0': '\0',
};
const HEX_DIGITS: Record<string, number> = { x: 2, u: 4, U: 8 };
const LAST_CODE_POINT = 0x10ffff;

/** What stands between the quotes, and the position behind the closing one. */
export interface QuotedText {
  value: string;
  end: number;
}

/**
 * Reads a string literal whose opening quote is at `start`, with the escapes of Python's `repr()`.
 * Returns undefined where it is none: not closed, or an escape that nobody writes.
 */
export function readQuoted(text: string, start: number): QuotedText | undefined {
  const quote = text[start];
  const plain = quote === '"' ? /[^"\\]*/y : /[^'\\]*/y;
  const pieces: string[] = [];
  let at = start + 1;
  for (;;) {
    plain.lastIndex = at;
    const run = plain.exec(text)?.[0] ?? '';
    pieces.push(run);
    at += run.length;
    if (text[at] === quote) return { value: pieces.join(''), end: at + 1 };
    const kind = text[at + 1];
    if (kind === undefined) return undefined;
    const digits = HEX_DIGITS[kind];
    if (digits === undefined) {
      const character = SIMPLE[kind];
      if (character === undefined) return undefined;
      pieces.push(character);
      at += 2;
    } else {
      const hex = text.slice(at + 2, at + 2 + digits);
      const code = Number.parseInt(hex, 16);
      if (hex.length < digits || !/^[0-9a-f]+$/i.test(hex) || code > LAST_CODE_POINT) {
        return undefined;
      }
      pieces.push(String.fromCodePoint(code));
      at += 2 + digits;
    }
  }
}
