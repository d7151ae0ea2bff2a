import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { appImage, type ChipName, whatImageDoes } from './app-image';

/** `new` was chosen and not yet booted; `pending` runs on trial; `aborted` was rolled back. */
type State = 'valid' | 'new' | 'pending' | 'aborted';
type Slot = 'ota_0' | 'ota_1';

/** One of the two sectors of `otadata`; null is an erased one. Of two the one with the higher number holds. */
type Sector = { number: number; slot: Slot; state: State } | null;

/**
 * The boot loader's choice between the two app slots, with the rollback that ESP-IDF compiles in:
 * an image that is not marked valid by the time of the next reset is never started again. Each change of
 * `otadata` erases one of its sectors and writes it. A new choice takes the sector that does not hold; `valid` takes
 * the one that does, so a power cut in its middle leaves the choice before.
 */
export class BootLoader {
  readonly #file: string;
  #sectors: [Sector, Sector] = [null, null];
  #erased: Sector = null;
  #running: Slot = 'ota_0';

  /** `image` is what ota_0 holds on a new board. */
  constructor(
    private readonly stateFolder: string,
    private readonly chip: ChipName,
    image: Buffer = appImage({ chip }),
  ) {
    this.#file = join(stateFolder, 'otadata-sectors.json');
    if (existsSync(this.#file)) this.#sectors = JSON.parse(readFileSync(this.#file, 'utf8'));
    const first = join(stateFolder, 'ota_0');
    if (!existsSync(first)) writeFileSync(first, image);
  }

  get running(): Slot {
    return this.#running;
  }

  get boot(): Slot {
    return this.#active?.slot ?? 'ota_0';
  }

  /**
   * What happens at each hard reset and power-on. Returns what the console is told of it.
   * @throws {Error} when no image starts any more
   */
  start(): string[] {
    const said: string[] = [];
    for (const sector of this.#sectors) {
      if (sector?.state !== 'pending') continue;
      sector.state = 'aborted';
      said.push(`${sector.slot} was not marked valid: back to ${this.boot}`);
    }
    const active = this.#active;
    if (active?.state === 'new') active.state = 'pending';
    this.#save();
    const rest = this.boot === 'ota_0' ? 'ota_1' : 'ota_0';
    const found = ([this.boot, rest] as const).find((slot) => this.#does(slot) !== 'nothing');
    if (!found) throw new Error('neither app slot holds an image for this chip: the board is lost');
    if (found !== this.boot)
      said.push(`${this.boot} holds no image for this chip: ${found} instead`);
    this.#running = found;
    if (this.#does(found) === 'runs') return said;
    if (found !== active?.slot || active.state !== 'pending')
      throw new Error(`${found} panics at each start: the board is lost`);
    return [...said, `${found} panics`, ...this.start()];
  }

  /** The first half of `choose`; returns what to do then. */
  eraseForChoice(): void {
    this.#sectors[this.#active === this.#sectors[0] ? 1 : 0] = null;
    this.#save();
  }

  choose(slot: string): void {
    if (slot !== 'ota_0' && slot !== 'ota_1') throw new Error(`no app slot ${slot}`);
    this.#write({ number: (this.#active?.number ?? 0) + 1, slot, state: 'new' });
  }

  /** The first half of `markValid`. `none`: nothing was ever chosen; `valid`: there is nothing to do. */
  eraseForValid(): 'none' | 'valid' | 'erased' {
    const active = this.#active;
    if (active?.state === 'valid') return 'valid';
    if (!active) return 'none';
    this.#erased = active;
    this.#sectors[this.#sectors.indexOf(active)] = null;
    this.#save();
    return 'erased';
  }

  /** It marks what was chosen, which is another image than the running one after a `choose`. */
  markValid(): void {
    if (this.#erased) this.#write({ ...this.#erased, state: 'valid' });
    this.#erased = null;
  }

  get #active(): Sector {
    const [one, two] = this.#sectors.map((sector) => (sector?.state === 'aborted' ? null : sector));
    return (one?.number ?? 0) > (two?.number ?? 0) ? (one ?? null) : (two ?? null);
  }

  #write(sector: Sector): void {
    this.#sectors[this.#sectors.indexOf(null)] = sector;
    this.#save();
  }

  #does(slot: Slot) {
    const file = join(this.stateFolder, slot);
    return existsSync(file) ? whatImageDoes(readFileSync(file), this.chip) : 'nothing';
  }

  #save(): void {
    writeFileSync(`${this.#file}.new`, JSON.stringify(this.#sectors));
    renameSync(`${this.#file}.new`, this.#file);
  }
}
