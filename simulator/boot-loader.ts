import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** `new` was chosen and not yet booted; `pending` runs on trial; `aborted` was rolled back. */
type SlotState = 'valid' | 'new' | 'pending' | 'aborted';
type Slot = 'ota_0' | 'ota_1';

interface OtaData {
  boot: Slot;
  states: Record<Slot, SlotState>;
}

/**
 * The boot loader's choice between the two app slots, with the rollback that ESP-IDF compiles in:
 * an image that is not marked valid by the time of the next reset is never started again.
 */
export class BootLoader {
  readonly #file: string;
  #data: OtaData = { boot: 'ota_0', states: { ota_0: 'valid', ota_1: 'aborted' } };
  #running: Slot = 'ota_0';

  constructor(stateFolder: string) {
    this.#file = join(stateFolder, 'otadata.json');
    if (existsSync(this.#file)) this.#data = JSON.parse(readFileSync(this.#file, 'utf8'));
  }

  get running(): Slot {
    return this.#running;
  }

  get boot(): Slot {
    return this.#data.boot;
  }

  /** What happens at each hard reset and power-on. Returns a line for the console on a rollback. */
  start(): string | undefined {
    const { states } = this.#data;
    const chosen = this.#data.boot;
    const other = chosen === 'ota_0' ? 'ota_1' : 'ota_0';
    let said: string | undefined;
    if (states[chosen] === 'pending' && states[other] === 'valid') {
      states[chosen] = 'aborted';
      this.#data.boot = other;
      said = `${chosen} was not marked valid: back to ${other}`;
    } else if (states[chosen] === 'new') {
      states[chosen] = 'pending';
    }
    this.#running = this.#data.boot;
    this.#save();
    return said;
  }

  choose(slot: string): void {
    if (slot !== 'ota_0' && slot !== 'ota_1') throw new Error(`no app slot ${slot}`);
    this.#data.boot = slot;
    if (slot !== this.#running) this.#data.states[slot] = 'new';
    this.#save();
  }

  markValid(): void {
    this.#data.states[this.#running] = 'valid';
    this.#save();
  }

  #save(): void {
    writeFileSync(`${this.#file}.new`, JSON.stringify(this.#data));
    renameSync(`${this.#file}.new`, this.#file);
  }
}
