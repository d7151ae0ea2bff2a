import { deflateRawSync } from 'node:zlib';

/** Node's smallest window for raw deflate, in bits; at 8 its zlib would use 9 all the same. */
export const SMALLEST_WINDOW_BITS = 9;
export const LARGEST_WINDOW_BITS = 15;
/** A frame goes deflated when it is shorter by a tenth at least. */
const WORTH_IT = 0.9;
/** A frame inflates to no more than so many times its size. */
const LARGEST_RATIO = 16;
/** How much is tried first, in chunks. */
const FIRST_RATIO = 3;
const TRIES = 3;
/** So many frames go as they are, after one that could not be deflated; then twice as many, ... */
const FIRST_REST = 4;
const LONGEST_REST = 256;

export interface DeflatedFrame {
  data: Buffer;
  next: number;
  deflated: true;
}

/** Cuts a file into frames that are deflated each by itself, as long as that pays. */
export class Deflater {
  /** Bytes of the file in a byte of a frame, as it was of late. */
  private ratio = FIRST_RATIO;
  private resting = 0;
  private rest = FIRST_REST;

  constructor(
    private readonly bytes: Buffer,
    private readonly windowBits: number,
  ) {}

  /** Returns undefined where the bytes as they are do as well, or where it is not tried. */
  frame(at: number, end: number, chunk: number): DeflatedFrame | undefined {
    if (this.resting > 0) {
      this.resting--;
      return undefined;
    }
    const most = Math.min(end - at, chunk * LARGEST_RATIO);
    let length = Math.min(most, Math.ceil(chunk * this.ratio));
    for (let tried = 0; tried < TRIES; tried++) {
      const data = this.deflate(at, at + length);
      if (data.length > length * WORTH_IT) break;
      this.ratio = Math.max(1, (length / data.length) * 0.97);
      if (data.length <= chunk) {
        this.rest = FIRST_REST;
        return { data, next: at + length, deflated: true };
      }
      length = Math.min(most, Math.floor(chunk * this.ratio * (1 - tried / 10)));
    }
    this.resting = this.rest;
    this.rest = Math.min(this.rest * 2, LONGEST_REST);
    return undefined;
  }

  private deflate(from: number, to: number): Buffer {
    const { windowBits } = this;
    return deflateRawSync(this.bytes.subarray(from, to), { windowBits, level: 9 });
  }
}
