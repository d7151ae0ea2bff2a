import { closeSync, openSync, readSync, writeSync } from 'node:fs';

/** Four numbers of 4 bytes, as `devices/unix/_gauge.py` lays them out. */
const WRITES = 0;
const LEFT = 4;
const TORN = 8;
const CHANGES = 12;

/**
 * Counts the changes of the unix runtime's flash, and says after how many the power fails. A
 * file that the interpreter has mapped into its memory: so it can be set while the board runs.
 */
export class FlashGauge {
  constructor(readonly path: string) {
    closeSync(openSync(path, 'a'));
    for (const field of [WRITES, LEFT, TORN, CHANGES]) this.#set(field, 0);
  }

  get writes(): number {
    return this.#get(WRITES);
  }

  get changes(): number {
    return this.#get(CHANGES);
  }

  powerOn(): void {
    this.#set(WRITES, 0);
    this.#set(CHANGES, 0);
  }

  powerOff(): void {
    this.#set(LEFT, 0);
  }

  cutAfter(changes: number, torn: boolean): void {
    this.#set(TORN, Number(torn));
    this.#set(LEFT, changes);
  }

  #get(field: number): number {
    const file = openSync(this.path, 'r');
    const number = Buffer.alloc(4);
    readSync(file, number, 0, 4, field);
    closeSync(file);
    return number.readUInt32LE();
  }

  #set(field: number, value: number): void {
    const file = openSync(this.path, 'r+'); // never made shorter: it is mapped
    const number = Buffer.alloc(4);
    number.writeUInt32LE(value);
    writeSync(file, number, 0, 4, field);
    closeSync(file);
  }
}
