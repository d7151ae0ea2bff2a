import type { TransferProgress } from '../board/files/types';

/** Adds the progress of several transfers up to that of all of them. */
export class OverallProgress {
  private readonly done = new Map<string, number>();
  private readonly rates = new Map<string, number>();
  private readonly begun = performance.now();

  constructor(
    private readonly total: number,
    private readonly report: (progress: TransferProgress & { path: string }) => void,
  ) {}

  of(path: string, { bytes, bytesPerSecond }: TransferProgress): void {
    this.rates.set(path, bytesPerSecond);
    this.tell(path, bytes);
  }

  finished(path: string, size: number): void {
    this.rates.delete(path);
    this.tell(path, size);
  }

  private tell(path: string, bytes: number): void {
    this.done.set(path, bytes);
    const all = sum(this.done.values());
    const rest = this.total - all;
    // Between two files no transfer has a rate: then what was reached since the start stands for it.
    const average = all / ((performance.now() - this.begun) / 1000);
    const bytesPerSecond = sum(this.rates.values()) || average;
    const remainingSeconds = bytesPerSecond > 0 ? rest / bytesPerSecond : undefined;
    this.report({ path, bytes: all, total: this.total, bytesPerSecond, remainingSeconds });
  }
}

function sum(numbers: Iterable<number>): number {
  let all = 0;
  for (const number of numbers) all += number;
  return all;
}
