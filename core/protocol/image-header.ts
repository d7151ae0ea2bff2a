import { createHash } from 'node:crypto';
import { InvalidInputError } from './errors';

/** What the board wants to see of an image before it erases anything. */
export const HEAD_BYTES = 288;

/** By chip id; the numbers are Espressif's (`esp_chip_id_t`). */
const CHIPS: Record<number, string> = {
  0: 'ESP32',
  2: 'ESP32-S2',
  5: 'ESP32-C3',
  9: 'ESP32-S3',
  12: 'ESP32-C2',
  13: 'ESP32-C6',
  16: 'ESP32-H2',
  18: 'ESP32-P4',
  20: 'ESP32-C61',
  23: 'ESP32-C5',
};

const MAGIC = 0xe9;
const DESCRIPTION_AT = 32;
const DESCRIPTION_MAGIC = 0xabcd5432;
const MOST_SEGMENTS = 16;
/** Where the partition table is in the flash, less where the boot loader, with which a full image begins, may be. */
const TABLES_AT = [0x8000, 0x7000, 0x6000];
const TABLE_MAGIC = 0x50aa;
const HASH_BYTES = 32;

/** What the beginning of an application image for ESP32 chips says. */
export interface ImageHeader {
  /** Chip id, and the chip in words. */
  chip: number;
  chipName: string;
  version: string;
  /** `micropython`, as a rule. */
  project: string;
  /** When it was built. */
  date: string;
  /** Version of ESP-IDF. */
  idf: string;
}

function badImage(sentence: string): InvalidInputError {
  return new InvalidInputError('BAD_IMAGE', 'bad image', sentence);
}

export function chipName(chip: number): string {
  return CHIPS[chip] ?? `chip ${chip}`;
}

/**
 * Reads what an image says of itself at its beginning.
 * @throws InvalidInputError, in words, for what cannot be put into a partition for applications.
 */
export function parseImageHeader(data: Buffer): ImageHeader {
  if (isFullFlash(data)) {
    throw badImage(
      'This is an image of the whole flash: boot loader, partition table and application. An update takes ' +
        'the application alone: of MicroPython the file that ends in .app-bin, of your own build micropython.bin.',
    );
  }
  if (data.length < HEAD_BYTES) {
    throw badImage(`A firmware image has more than ${data.length} bytes. Was it cut short?`);
  }
  if (data[0] !== MAGIC) {
    throw badImage('This is no firmware image for an ESP32: it does not begin with the byte E9.');
  }
  if (data.readUInt32LE(DESCRIPTION_AT) !== DESCRIPTION_MAGIC) {
    throw badImage(
      'This begins like an image for an ESP32, but it is no application. Is it a boot loader? ' +
        'An update takes the application: of MicroPython the file that ends in .app-bin.',
    );
  }
  const chip = data.readUInt16LE(12);
  return {
    chip,
    chipName: chipName(chip),
    version: text(data, 48, 32),
    project: text(data, 80, 32),
    date: `${text(data, 128, 16)} ${text(data, 112, 16)}`.trim(),
    idf: text(data, 144, 32),
  };
}

/**
 * Reads the header of a whole image, and makes sure that nothing of the image is missing or damaged, by the
 * check sum and, where it has one, the SHA-256 in it.
 * @throws InvalidInputError
 */
export function checkImage(data: Buffer): ImageHeader {
  const header = parseImageHeader(data);
  const segments = data[1] ?? 0;
  if (segments === 0 || segments > MOST_SEGMENTS) throw damaged();
  let at = 24;
  let sum = 0xef;
  for (let segment = 0; segment < segments; segment++) {
    if (at + 8 > data.length) throw cutShort(data);
    const begin = at + 8;
    at = begin + data.readUInt32LE(at + 4);
    if (at >= data.length) throw cutShort(data);
    for (let index = begin; index < at; index++) sum ^= data[index] as number;
  }
  // The sum is the last byte of a block of 16.
  const end = (at | 15) + 1;
  if (end > data.length) throw cutShort(data);
  if (data[end - 1] !== sum) throw damaged();
  if (data[23] !== 1) return header;
  const said = data.subarray(end, end + HASH_BYTES);
  if (said.length < HASH_BYTES) throw cutShort(data);
  if (!createHash('sha256').update(data.subarray(0, end)).digest().equals(said)) throw damaged();
  return header;
}

function isFullFlash(data: Buffer): boolean {
  return TABLES_AT.some(
    (at) => data.length >= at + 2 && data.readUInt16LE(at) === TABLE_MAGIC && !isApplication(data),
  );
}

function isApplication(data: Buffer): boolean {
  return data[0] === MAGIC && data.readUInt32LE(DESCRIPTION_AT) === DESCRIPTION_MAGIC;
}

function text(data: Buffer, at: number, length: number): string {
  const bytes = data.subarray(at, at + length);
  const end = bytes.indexOf(0);
  return bytes.toString('latin1', 0, end < 0 ? length : end);
}

function cutShort(data: Buffer): InvalidInputError {
  return badImage(`The image was cut short: it says that it has more than ${data.length} bytes.`);
}

function damaged(): InvalidInputError {
  return badImage('The image is damaged: its check sum is not that of its bytes. Get it again.');
}
