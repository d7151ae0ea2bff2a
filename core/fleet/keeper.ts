import type { FleetMemory } from './types';

/** How soon what is new is written down, and what changes all the time: a flash drive must last. */
const SOON_MS = 5_000;
const LATE_MS = 60_000;

/** Writes down what a fleet knows, neither at once nor too late. */
export class Keeper {
  private timer: NodeJS.Timeout | undefined;
  private due = Number.POSITIVE_INFINITY;
  private saving: Promise<void> = Promise.resolve();
  /** Why it could not be written the last time: the same comes again each time, and is worth one warning. */
  private trouble = '';

  constructor(
    private memory: FleetMemory | undefined,
    private readonly state: () => unknown,
  ) {}

  /** Gives `take` what was written down. What cannot be read is left: a fleet must work all the same. */
  async load(take: (state: unknown) => void): Promise<void> {
    try {
      take(await this.memory?.load());
    } catch (error) {
      process.emitWarning(error as Error);
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
        this.trouble = '';
      } catch (error) {
        const { message } = error as Error;
        if (message !== this.trouble) process.emitWarning(error as Error);
        this.trouble = message;
      }
    });
  }
}
