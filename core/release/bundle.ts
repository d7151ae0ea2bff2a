import { createHash } from 'node:crypto';
import { InvalidInputError } from '../protocol/errors';
import { parseManifest } from '../protocol/manifest';
import type { Release } from '../protocol/release';

const sha256 = (data: Buffer) => createHash('sha256').update(data).digest('hex');

function badBundle(sentence: string): InvalidInputError {
  return new InvalidInputError('BAD_RELEASE_FILE', 'bad release file', sentence);
}

/** A release as one file: its manifest, an empty line, and its files, one behind the other. */
export function packRelease({ text, contents }: Release): Buffer {
  return Buffer.concat([text, Buffer.from('\n'), ...contents]);
}

/**
 * Reads a release that `packRelease` made.
 * @throws InvalidInputError for what is none, or is not whole.
 */
export function unpackRelease(data: Buffer): Release {
  const end = data.indexOf('\n\n');
  if (end < 0 || data[0] !== '{'.charCodeAt(0)) {
    throw badBundle('This is no release: "mqboard release build" makes one of a folder.');
  }
  const text = data.subarray(0, end + 1);
  const manifest = parseManifest(text);
  const contents: Buffer[] = [];
  let at = end + 2;
  for (const { path, size, sha256: wanted } of manifest.files) {
    const content = data.subarray(at, at + size);
    if (content.length !== size || sha256(content) !== wanted) {
      throw badBundle(`The release is damaged: ${path} is not what it should be. Build it again.`);
    }
    contents.push(content);
    at += size;
  }
  if (at !== data.length)
    throw badBundle('The release is damaged: it is too long. Build it again.');
  return { manifest, text, contents, id: sha256(text) };
}
