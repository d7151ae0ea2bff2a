import type { FleetMemory } from './types';

/** How soon what is new is written down, and what changes all the time: a flash drive must last. */
const SOON_MS = 5_000;
const LATE_MS = 60_000;

/** Writes down what a fleet knows, neither at once nor too late. */
export class Keeper {
  private timer: NodeJS.Timeout | undefined;
  private due = Number.POSITIVE_INFINITY;
  private saving: Promise<void> = Promise.resolve();

  constructor(
    private memory: FleetMemory | undefined,
    private readonly state: () => unknown,
  ) {}

  /** Without what could not be read: a fleet must work all the same. */
  async load(): Promise<unknown> {
    try {
      return await this.memory?.load();
    } catch (error) {
      process.emitWarning(error as Error);
      return undefined;
    }
  }

  /** Something happened. */
  changed(): void {
    this.plan(SOON_MS);
  }

  /** Only numbers and times went on. */
  aged(): void {
    if (this.timer === undefined) this.plan(LATE_MS);
  }

  async close(): Promise<void> {
    if (this.timer !== undefined) this.save();
    await this.saving;
    this.memory = undefined;
  }

  private plan(delayMs: number): void {
    if (this.memory === undefined) return;
    const due = Date.now() + delayMs;
    if (due >= this.due) return;
    clearTimeout(this.timer);
    this.due = due;
    this.timer = setTimeout(() => this.save(), delayMs);
    this.timer.unref();
  }

  private save(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.due = Number.POSITIVE_INFINITY;
    const { memory } = this;
    this.saving = this.saving.then(async () => {
      try {
        await memory?.save(this.state());
      } catch (error) {
        process.emitWarning(error as Error);
      }
    });
  }
}
