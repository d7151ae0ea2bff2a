import { createHash } from 'node:crypto';

/** Numbers of the chips in the headers of their app images. An RP2 has no such images. */
const chipIds = { esp32: 0, esp32c3: 5, esp32s3: 9, rp2: -1 } as const;
export type ChipName = keyof typeof chipIds;

const MAGIC = 0xe9;
const DESCRIPTION_MAGIC = 0xabcd5432;
const DESCRIPTION = 0x20;
const [ENTRY, CHIP] = [4, 12];
const STARTS_AT = 0x40082a6c;
const PANICS_AT = 0xdead0000;

export interface AppImageOptions {
  chip?: ChipName;
  version?: string;
  /** Bytes of the image; 40,000 when absent. */
  size?: number;
  /** Images with the same seed and size differ in their headers only. */
  seed?: number;
  /** False: its code panics before MicroPython runs. */
  starts?: boolean;
}

/**
 * An app image as ESP-IDF lays it out, as far as a header goes; behind it lies what does not compress. Whatever
 * it is, what runs on the virtual board is always the same MicroPython.
 */
export function appImage(options: AppImageOptions = {}): Buffer {
  const { chip = 'esp32', version = '1.0.0', size = 40_000, seed = 1, starts = true } = options;
  const image = noise(size, seed);
  image.fill(0, 0, DESCRIPTION + 256);
  image.writeUInt8(MAGIC, 0);
  image.writeUInt8(1, 1); // segments
  image.writeUInt32LE(starts ? STARTS_AT : PANICS_AT, ENTRY);
  image.writeUInt16LE(Math.max(chipIds[chip], 0), CHIP);
  image.writeUInt8(1, 23); // a SHA-256 is appended
  image.writeUInt32LE(DESCRIPTION_MAGIC, DESCRIPTION);
  image.write(version, DESCRIPTION + 16, 31);
  image.write('micropython', DESCRIPTION + 48, 31);
  image.write('12:00:00', DESCRIPTION + 80);
  image.write('Nov 22 2026', DESCRIPTION + 96);
  image.write('v5.2.2', DESCRIPTION + 112);
  sealImage(image);
  return image;
}

/** Writes its one segment's length, check sum and SHA-256 anew; what does not fit blocks of 16 lies behind it. */
export function sealImage(image: Buffer): void {
  const end = (image.length - 32) & ~15;
  image.writeUInt32LE(end - 1 - DESCRIPTION, DESCRIPTION - 4);
  let sum = 0xef;
  for (const byte of image.subarray(DESCRIPTION, end - 1)) sum ^= byte;
  image[end - 1] = sum;
  createHash('sha256').update(image.subarray(0, end)).digest().copy(image, end);
}

/** What becomes of a chip that starts it. */
export function whatImageDoes(image: Buffer, chip: ChipName): 'runs' | 'panics' | 'nothing' {
  if (image.length < DESCRIPTION || image[0] !== MAGIC) return 'nothing';
  if (image.readUInt16LE(CHIP) !== Math.max(chipIds[chip], 0)) return 'nothing';
  return image.readUInt32LE(ENTRY) === PANICS_AT ? 'panics' : 'runs';
}

function noise(size: number, seed: number): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < size; at += 32) {
    parts.push(createHash('sha256').update(`${seed} ${at}`).digest());
  }
  return Buffer.concat(parts, size);
}
