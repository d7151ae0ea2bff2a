import { closeSync, openSync, readSync, writeFileSync, writeSync } from 'node:fs';

/**
 * As `devices/unix/_rtc.py` maps it: a byte that says which of two slots holds, their sizes (2 bytes each,
 * little endian, from 2 on), and the slots.
 */
const SIZES = 2;
const SLOTS = 6;
const SLOT_BYTES = 2048;

/**
 * The RTC's memory: a file that holds two slots, of which the one that does not hold is written. The change
 * is one byte at the end, so that a reset at any moment finds what was there or what is new.
 */
export class RtcMemory {
  readonly #file: number;

  /** What happens to it when the power comes. */
  static clear(path: string): void {
    writeFileSync(path, Buffer.alloc(SLOTS + 2 * SLOT_BYTES));
  }

  constructor(path: string) {
    this.#file = openSync(path, 'r+');
  }

  read(): Buffer {
    const head = this.#at(0, SLOTS);
    const slot = head[0] ?? 0;
    return this.#at(SLOTS + slot * SLOT_BYTES, head.readUInt16LE(SIZES + 2 * slot));
  }

  write(content: Uint8Array): void {
    const slot = 1 - (this.#at(0, 1)[0] ?? 0);
    const size = Buffer.alloc(2);
    size.writeUInt16LE(content.length);
    writeSync(this.#file, content, 0, content.length, SLOTS + slot * SLOT_BYTES);
    writeSync(this.#file, size, 0, 2, SIZES + 2 * slot);
    writeSync(this.#file, Buffer.of(slot), 0, 1, 0);
  }

  close(): void {
    closeSync(this.#file);
  }

  #at(position: number, size: number): Buffer {
    const bytes = Buffer.alloc(size);
    readSync(this.#file, bytes, 0, size, position);
    return bytes;
  }
}
