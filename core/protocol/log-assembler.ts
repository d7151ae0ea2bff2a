import { type Counted, LogCount } from './log-count';
import type { LogLine } from './log-line';
import type { LogRecord } from './log-record';
import { LogTimes } from './log-times';
import { parseTraceback, TRACEBACK } from './traceback';

/** A message of several lines is told in pieces when it gets longer: no board can hold one that long. */
const LONGEST = 16_384;

/** A message of which not all lines have come. */
interface Unfinished {
  record: LogRecord;
  parts: string[];
  length: number;
  /** What the next line is; undefined where only its text tells: in version 1. */
  goesOn: LogLine['goesOn'];
}

/** Makes records of the lines of one board: each line is in one of them, or counted in one. */
export class LogAssembler {
  readonly count = new LogCount();
  readonly times = new LogTimes();
  private unfinished: Unfinished | undefined;

  constructor(
    private readonly board: string,
    private readonly emit: (record: LogRecord) => void,
  ) {}

  /** The rest of a message is still to come. */
  get isWaiting(): boolean {
    return this.unfinished !== undefined;
  }

  take(line: LogLine, now: number): void {
    if (line.seq === undefined || line.boot === undefined) {
      this.takeUnnumbered(line, now);
      return;
    }
    const counted = this.count.take(line.boot, line.seq, line.lost ?? 0);
    if (counted === undefined) return;
    const { unfinished } = this;
    if (unfinished !== undefined) {
      const next = counted.missing === 0 && counted.lost === 0;
      if (next && line.boot === unfinished.record.boot && unfinished.goesOn !== undefined) {
        this.append(unfinished, line);
        return;
      }
      this.flush();
    }
    if (counted.missing > 0) this.emit(this.gap(line, counted, now));
    this.begin(line, now, counted.lost, line.goesOn !== undefined);
  }

  /** Gives out what there is of a message whose rest does not come. */
  flush(): void {
    const { unfinished } = this;
    if (unfinished === undefined) return;
    this.unfinished = undefined;
    const { record, parts } = unfinished;
    record.message = parts.join('');
    const exception = record.lines > 1 ? parseTraceback(record.message) : undefined;
    if (exception !== undefined) record.exception = exception;
    this.emit(record);
  }

  /** A traceback ends with the first line that is not indented. */
  private takeUnnumbered(line: LogLine, now: number): void {
    const { unfinished } = this;
    if (unfinished !== undefined) {
      const { record, goesOn } = unfinished;
      if (goesOn === undefined && line.level === record.level && line.name === record.name) {
        this.append(unfinished, line);
        if (!line.text.startsWith(' ')) this.flush();
        return;
      }
      this.flush();
    }
    this.begin(line, now, line.lost ?? 0, line.text.startsWith(TRACEBACK));
  }

  private begin(line: LogLine, now: number, lost: number, unfinished: boolean): void {
    const record: LogRecord = {
      board: this.board,
      level: line.level,
      levelName: line.levelName,
      time: this.times.of(line, now),
      name: line.name,
      message: line.text,
      lines: lost > 0 ? 0 : 1,
      backlog: line.backlog,
    };
    if (line.bootTime !== undefined) record.bootTime = line.bootTime;
    if (line.seq !== undefined) {
      record.seq = line.seq;
      record.boot = line.boot as string;
    }
    if (lost > 0) record.lost = lost;
    if (unfinished) {
      const { length } = line.text;
      this.unfinished = { record, parts: [line.text], length, goesOn: line.goesOn };
    } else this.emit(record);
  }

  private append(unfinished: Unfinished, line: LogLine): void {
    const { record, parts, goesOn } = unfinished;
    parts.push(goesOn === 'piece' ? line.text : `\n${line.text}`);
    unfinished.length += line.text.length;
    record.lines++;
    record.backlog ||= line.backlog;
    if (line.seq === undefined) {
      if (unfinished.length > LONGEST) this.flush();
      return;
    }
    record.seq = line.seq;
    unfinished.goesOn = line.goesOn;
    if (line.goesOn === undefined || unfinished.length > LONGEST) this.flush();
  }

  private gap({ boot, seq }: LogLine, { missing, lost }: Counted, now: number): LogRecord {
    const last = (seq ?? 0) - Math.max(1, lost);
    const many = missing === 1 ? '1 line' : `${missing} lines`;
    return {
      board: this.board,
      level: 30,
      levelName: 'warning',
      time: new Date(now),
      name: 'mqboard',
      message: `${many} before this never arrived`,
      seq: last,
      ...(boot === undefined ? {} : { boot }),
      lines: 0,
      backlog: false,
      missing,
    };
  }
}
