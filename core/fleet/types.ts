import type { CrashReport, ReportedKind } from '../protocol/crash-report';
import type { BoardInfo, ResetReason } from '../protocol/info';
import type { LogRecord } from '../protocol/log-record';
import type { Sysinfo } from '../protocol/sysinfo';
import type { PythonException } from '../protocol/traceback';
import type { UpdateTarget } from '../protocol/update-info';

/** A crash, told once: also where the board tells it again until it knows that a host has it. */
export interface CrashEvent {
  board: string;
  id: string;
  /** `logged`: a traceback in the log of a board that writes no reports. */
  kind: ReportedKind | 'logged';
  where?: string;
  exception?: PythonException;
  traceback?: string;
  /** Eight hexadecimal digits, the same for the same crash. */
  signature: string;
  /** Crashes of this signature on this board so far. */
  count: number;
  /** When the first and the last one of them happened, or came. */
  first: Date;
  last: Date;
  /** When it happened; undefined where the board had no clock. */
  at: Date | undefined;
  /** The board restarted because of it. */
  restarted: boolean;
  report?: CrashReport;
}

export type SysinfoEvent = Sysinfo & { board: string; at: Date };

export interface PresenceEvent {
  board: string;
  /** The last two: what was on trial is confirmed, or the board went back to what it had before. */
  event: 'online' | 'offline' | 'booted' | 'safe-mode' | 'updated' | 'rolled-back';
  at: Date;
  /** It was so before: told once of each board, when a watch begins or the board is found. */
  already?: true;
  /** Undefined of a board that does not say it: one of version 1. */
  online: boolean | undefined;
  info?: BoardInfo;
  /** Of a boot: why, as the board sees it; as its chip says; and how many it makes. */
  reset?: ResetReason;
  cause?: string;
  boots?: number;
  /** Why, in words: of a boot, of safe mode, of an update that was undone. */
  reason?: string;
  /** Of an update: what it was, and the id of the crash report that tells why it was undone. */
  what?: UpdateTarget;
  version?: string;
  crash?: string;
  /** Of a boot: so many log lines of the boot before were lost with it. */
  missing?: number;
}

/** Who is told what. Only topics that a callback is given for are subscribed to. */
export interface FleetListener {
  log?(record: LogRecord): void;
  /**
   * Of boards that write no reports, crashes are found in the log: for these `log` has to be given too, by
   * this listener or by another one for the same boards.
   */
  crash?(crash: CrashEvent): void;
  sysinfo?(sysinfo: SysinfoEvent): void;
  presence?(event: PresenceEvent): void;
  /** Once `crash` has returned, the board is told that it need not tell it again. Default: true. */
  acknowledge?: boolean;
}

export interface Watch {
  close(): void;
}

/** What is known of a board. Times are UNIX milliseconds. */
export interface KnownBoard {
  /** Its name, relative to the scope. */
  board: string;
  prefix: string;
  /** Undefined of a board that does not say it: one of version 1. */
  online: boolean | undefined;
  /** When it became so. */
  since?: number;
  firstSeen: number;
  lastSeen: number;
  info?: BoardInfo;
  sysinfo?: Sysinfo;
  /** The last one. */
  crash?: { id: string; signature: string; headline: string; at: number; count: number };
  /** The last log line that came. */
  log?: { boot: string; seq: number };
}

/** Keeps what a fleet knows while it is not there. */
export interface FleetMemory {
  /** What was saved last; undefined where there is nothing. */
  load(): Promise<unknown>;
  /** `state` can be written as JSON. */
  save(state: unknown): Promise<void>;
}
