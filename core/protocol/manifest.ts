import { InvalidInputError } from './errors';
import { boardPath } from './paths';
import { present, Said } from './said';
import { SLOTS, type Slot } from './update-info';

/** The longest that a board takes. */
const MOST_BYTES = 64 * 1024;
/** Of a name and of a version, in characters: the board keeps both in a small place. */
const LONGEST = 48;
/** The board's own: no release may bring them. */
const NOT_PART_OF_ONE = /^\/(boot\.m?py$|(release|safemode|crashes)(\/|$))|\/\.mqb-[^/]*(\/|$)/;

/** One file of a release. */
export interface ManifestFile {
  /** On the board, absolute. */
  path: string;
  /** In bytes. */
  size: number;
  /** Lower-case hexadecimal. */
  sha256: string;
}

/** What a release needs of a board; a board that has it not refuses the release. */
export interface Needs {
  /** The lowest versions of MicroPython and of the framework. */
  mpy?: string;
  fw?: string;
  /** The `kind` of the board's configuration, one of these. */
  kind?: string | string[];
}

/** What a release is, without the contents of its files. */
export interface Manifest {
  slot: Slot;
  name: string;
  version: string;
  needs?: Needs;
  /** What an earlier release of the slot had, and this one has not, stays. */
  partial?: boolean;
  /** In the order of their paths. */
  files: ManifestFile[];
}

function badManifest(sentence: string): InvalidInputError {
  return new InvalidInputError(
    'BAD_MANIFEST',
    'bad manifest',
    `The release's manifest: ${sentence}`,
  );
}

/**
 * Writes a manifest as `docs/protocol.md` has it: a line of JSON, then one each file.
 * @throws InvalidInputError for a file that cannot be part of a release, and for more than a board takes.
 */
export function formatManifest(manifest: Manifest): Buffer {
  const { slot, name, version, needs, partial } = manifest;
  const head = { slot, name, version, ...(needs && { needs }), ...(partial && { partial }) };
  const files = [...manifest.files].sort((one, other) => inOrder(one.path, other.path));
  const lines = files.map(({ path, size, sha256 }) => `${sha256} ${size} ${path}`);
  const text = Buffer.from(`${[JSON.stringify(head), ...lines].join('\n')}\n`);
  parseManifest(text);
  return text;
}

/** Reads a manifest. @throws InvalidInputError for what is none. */
export function parseManifest(text: Buffer | string): Manifest {
  if (Buffer.byteLength(text) > MOST_BYTES) {
    throw badManifest(`it has ${Buffer.byteLength(text)} bytes, and a board takes ${MOST_BYTES}.`);
  }
  const lines = text.toString().split('\n');
  if (lines.at(-1) === '') lines.pop();
  const said = Said.parse(lines.shift() ?? '', MOST_BYTES);
  if (!said) throw badManifest('its first line is not a JSON object.');
  const slot = said.word('slot', SLOTS);
  const [name, version] = [said.text('name'), said.text('version')];
  if (!slot) throw badManifest(`its slot is none of ${SLOTS.join(', ')}.`);
  if (!name || !version) throw badManifest('it has no name or no version.');
  if ([...name].length > LONGEST || [...version].length > LONGEST) {
    throw badManifest(`its name or its version has more than ${LONGEST} characters.`);
  }
  const files = lines.map(parseLine);
  checkOrder(files);
  const needs = parseNeeds(Said.of(said.keys.needs));
  const partial: true | undefined = said.true('partial') || undefined;
  return { slot, name, version, ...present({ needs, partial }), files };
}

function parseLine(line: string): ManifestFile {
  const [, sha256 = '', size = '', path = ''] = /^([0-9a-f]{64}) (\d+) (\/.*)$/.exec(line) ?? [];
  if (path === '') throw badManifest(`"${line}" is not a SHA-256, a size and an absolute path.`);
  if (path !== boardPath(path) || path === '/' || /[\r\n]/.test(path)) {
    throw badManifest(`"${path}" is not how a path on a board is written.`);
  }
  if (NOT_PART_OF_ONE.test(path)) {
    throw badManifest(`${path} belongs to the board and cannot be part of a release.`);
  }
  return { path, size: Number(size), sha256 };
}

/** As the bytes of UTF-8 are in order, which is the board's. */
function inOrder(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}

function checkOrder(files: ManifestFile[]): void {
  for (const [index, { path }] of files.entries()) {
    const before = files[index - 1];
    if (before && inOrder(before.path, path) >= 0) {
      throw badManifest(`${path} stands behind ${before.path}; each path once, and in order.`);
    }
  }
}

function parseNeeds(said: Said | undefined): Needs | undefined {
  if (!said) return undefined;
  const kind = said.text('kind') ?? said.texts('kind');
  return present({ mpy: said.text('mpy'), fw: said.text('fw'), kind });
}
