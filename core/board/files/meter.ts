import type { TransferProgress } from './types';

/** The rate is that of so much time. */
const SPAN_MS = 3_000;
/** So much time lies between two samples at least. */
const STEP_MS = 100;

/** Makes a rate, and the time that remains, of the bytes that have arrived so far. */
export class Meter {
  private samples: Array<{ time: number; bytes: number }> = [];

  constructor(private readonly report: ((progress: TransferProgress) => void) | undefined) {}

  moved(bytes: number, total: number): void {
    if (!this.report) return;
    const time = performance.now();
    // It began anew, so that what was before says nothing.
    if (bytes < (this.samples.at(-1)?.bytes ?? 0)) this.samples = [];
    if (time - (this.samples.at(-1)?.time ?? -STEP_MS) >= STEP_MS) {
      this.samples.push({ time, bytes });
      this.samples = this.samples.filter((sample) => time - sample.time <= SPAN_MS);
    }
    const [first = { time, bytes }] = this.samples;
    const elapsed = time - first.time;
    const bytesPerSecond = elapsed > 0 ? ((bytes - first.bytes) / elapsed) * 1000 : 0;
    const remainingSeconds = bytesPerSecond > 0 ? (total - bytes) / bytesPerSecond : undefined;
    this.report({ bytes, total, bytesPerSecond, remainingSeconds });
  }
}
