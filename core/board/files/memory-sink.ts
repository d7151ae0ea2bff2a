import type { GetSink } from './types';

/** Collects a file in memory. */
export class MemorySink implements GetSink {
  private parts: Buffer[] = [];

  async begin() {
    return { size: 0, sha256: '' };
  }

  async restart(): Promise<void> {
    this.parts = [];
  }

  write(data: Buffer): void {
    this.parts.push(data);
  }

  data(): Buffer {
    return Buffer.concat(this.parts);
  }
}
