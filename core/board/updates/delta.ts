import { createHash } from 'node:crypto';

export const BLOCK_BYTES = 4096;
/** Of a block's SHA-256 the board tells so many hexadecimal digits. */
const DIGITS = 8;
/** What a board has in memory of it; the shortest runs beyond are sent. */
const MOST_RUNS = 100;
/** Less is not worth it: images that are sent whole can be sent to many boards at once. */
const FEWEST_BLOCKS = 16;

/** So many blocks of the running image, from this one on, go to this place of the new one. */
export type Copy = [to: number, from: number, count: number];

/** What the board tells of its blocks, one after the other. Returns undefined for what is no such text. */
export function splitHashes(text: string): string[] | undefined {
  if (text.length % DIGITS !== 0 || !/^[0-9a-f]*$/.test(text)) return undefined;
  return text.match(/.{8}/g) ?? [];
}

/** As the board has it: what lies behind the image in its last block is erased flash. */
function hashOf(image: Buffer, block: number): string {
  const bytes = image.subarray(block * BLOCK_BYTES, (block + 1) * BLOCK_BYTES);
  const hash = createHash('sha256').update(bytes);
  if (bytes.length < BLOCK_BYTES) hash.update(Buffer.alloc(BLOCK_BYTES - bytes.length, 0xff));
  return hash.digest('hex').slice(0, DIGITS);
}

export interface Delta {
  /** It runs already: all blocks are in their places. */
  same: boolean;
  /** In rising order of the places; empty where it is not worth it. */
  copies: Copy[];
}

/**
 * Finds which blocks of an image a board has, by the hashes of the blocks of the one that it runs. The first block is
 * always sent, so that there is something to send, and to check first.
 */
export function findDelta(image: Buffer, hashes: string[]): Delta {
  const places = new Map<string, number>();
  for (const [block, hash] of hashes.entries()) if (!places.has(hash)) places.set(hash, block);
  const count = Math.ceil(image.length / BLOCK_BYTES);
  const runs: Copy[] = [];
  let same = true;
  for (let block = 0; block < count; block++) {
    const hash = hashOf(image, block);
    if (hashes[block] !== hash) same = false;
    if (block === 0) continue;
    const run = runs.at(-1);
    const next = run && run[0] + run[2] === block ? run[1] + run[2] : block;
    const from = [next, block].find((place) => hashes[place] === hash) ?? places.get(hash);
    if (from === undefined) continue;
    if (run && run[0] + run[2] === block && from === next) run[2]++;
    else runs.push([block, from, 1]);
  }
  const longest = runs.sort((one, other) => other[2] - one[2]).slice(0, MOST_RUNS);
  const copied = longest.reduce((sum, [, , blocks]) => sum + blocks, 0);
  const copies = copied < FEWEST_BLOCKS ? [] : longest.sort((one, other) => one[0] - other[0]);
  return { same, copies };
}

/** The blocks that are not copied, one behind the other. */
export function patchOf(image: Buffer, copies: Copy[]): Buffer {
  const parts: Buffer[] = [];
  let at = 0;
  for (const [to, , count] of copies) {
    parts.push(image.subarray(at * BLOCK_BYTES, to * BLOCK_BYTES));
    at = to + count;
  }
  parts.push(image.subarray(at * BLOCK_BYTES));
  return Buffer.concat(parts);
}
