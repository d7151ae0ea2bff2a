import { InvalidInputError } from '../../core/index';
import { kind } from './board-names';

export interface ListedFile {
  path: string;
  content: Buffer;
}

function bad(badge: string, sentence: string): InvalidInputError {
  return new InvalidInputError('BAD_CONTENT', badge, sentence);
}

/** The bytes of a file: a Buffer as it is, a text as UTF-8, anything else as JSON. */
export function asContent(value: unknown, where: string): Buffer {
  if (value === undefined) {
    throw new InvalidInputError('NO_CONTENT', 'no content', `${where} is missing in the message.`);
  }
  if (value instanceof Uint8Array) return Buffer.from(value);
  if (typeof value === 'string') return Buffer.from(value);
  return Buffer.from(asJson(value, where));
}

/** A text, also one that came as bytes. */
export function asText(value: unknown, where: string): string {
  if (typeof value !== 'string' && !(value instanceof Uint8Array)) {
    throw bad('bad specification', `${where} must be a text, not ${kind(value)}.`);
  }
  return Buffer.from(value as Uint8Array).toString();
}

/** A list of files for `sync`. */
export function asFiles(value: unknown, where: string): ListedFile[] {
  if (!Array.isArray(value)) {
    throw bad('bad list', `${where} must be a list like [{path, content}], not ${kind(value)}.`);
  }
  return value.map((entry: { path?: unknown; content?: unknown } | null, index) => {
    const { path, content } = entry ?? {};
    if (typeof path !== 'string' || path === '') {
      throw bad('bad list', `${where}[${index}] has no path: each is like {path, content}.`);
    }
    return { path, content: asContent(content, `${where}[${index}].content`) };
  });
}

/** What `get` puts into the message. */
export function fromContent(data: Buffer, as: 'buffer' | 'text' | 'json', path: string): unknown {
  if (as === 'buffer') return data;
  const text = data.toString();
  if (as === 'text') return text;
  try {
    return JSON.parse(text);
  } catch (error) {
    const sentence = `${path} holds no JSON: ${(error as Error).message}.`;
    throw new InvalidInputError('NOT_JSON', 'no JSON', sentence);
  }
}

function asJson(value: unknown, where: string): string {
  try {
    const text = JSON.stringify(value);
    if (text !== undefined) return text;
  } catch (error) {
    throw bad('bad content', `${where} cannot be JSON: ${(error as Error).message}.`);
  }
  throw bad('bad content', `${where} is ${kind(value)}, which cannot be written into a file.`);
}
