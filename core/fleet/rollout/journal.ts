import type { RolloutMemory } from './memory';
import type { RolloutState } from './state';

/**
 * Writes a roll-out down, one state after the other: who asks while one is being written gets the next, with all
 * who asked meanwhile. A memory that fails stops nothing, and is warned of once.
 */
export class Journal {
  private writing: Promise<void> = Promise.resolve();
  private next: Promise<void> | undefined;
  private trouble = '';

  constructor(
    private readonly memory: RolloutMemory | undefined,
    private readonly state: () => RolloutState,
  ) {}

  /** Resolves when what holds now is written. */
  save(): Promise<void> {
    this.next ??= this.writing.then(() => {
      this.next = undefined;
      this.writing = this.attempt(async () => this.memory?.save(this.state()));
      return this.writing;
    });
    return this.next;
  }

  /** What is sent, or undefined when it is no longer needed. */
  async saveContent(content: Buffer | undefined): Promise<void> {
    await this.attempt(async () => this.memory?.saveContent(content));
  }

  /** What was written down last; undefined where nothing was, or it cannot be read. */
  async load(): Promise<unknown> {
    let saved: unknown;
    await this.attempt(async () => {
      saved = await this.memory?.load();
    });
    return saved;
  }

  private async attempt(act: () => Promise<void>): Promise<void> {
    try {
      await act();
      this.trouble = '';
    } catch (error) {
      const { message } = error as Error;
      if (message !== this.trouble) process.emitWarning(error as Error);
      this.trouble = message;
    }
  }
}
