import { Meter } from '../board/files/meter';
import type { TransferProgress } from '../board/files/types';

/** Adds the progress of several transfers up to that of all of them. */
export class OverallProgress {
  private readonly done = new Map<string, number>();
  private readonly meter: Meter;
  private latest = '';

  constructor(
    private readonly total: number,
    report: (progress: TransferProgress & { path: string }) => void,
  ) {
    this.meter = new Meter((progress) => report({ ...progress, path: this.latest }));
  }

  /** So many bytes of a file are on the board. */
  reached(path: string, bytes: number): void {
    this.done.set(path, bytes);
    this.latest = path;
    const all = [...this.done.values()].reduce((sum, part) => sum + part, 0);
    this.meter.moved(all, this.total);
  }
}
