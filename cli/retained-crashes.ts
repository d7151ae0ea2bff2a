import type { CrashEvent, CrashReport, FleetListener, StoredCrash } from '../core/index';

/** Crash reports that the broker has because no host has seen them. */
export class Retained implements FleetListener {
  /** To look at a report is not to have taken care of it. */
  readonly acknowledge = false;
  private readonly reports = new Map<string, CrashReport[]>();

  crash({ board, report }: CrashEvent): void {
    if (report) this.reports.set(board, [report, ...(this.reports.get(board) ?? [])]);
  }

  report(board: string, id: string): CrashReport | undefined {
    return this.reports.get(board)?.find((report) => report.id === id);
  }

  /** In the form of the list that a board has of them. */
  of(board: string): StoredCrash[] {
    const reports = this.reports.get(board) ?? [];
    return reports.map(({ log: _log, trace, exception, ...facts }) => ({
      ...facts,
      seen: false,
      ...(exception && { text: `${exception.type}: ${exception.message}` }),
    }));
  }
}
