import { LogAssembler } from '../protocol/log-assembler';
import type { LogRecord } from '../protocol/log-record';
import type { Listeners } from './audience';
import { CrashBook } from './crash-book';
import type { KnownBoard } from './types';

/** One board of a fleet: what is known of it, and what is on the way from it. */
export class Member {
  readonly log: LogAssembler;
  /** Who is told of it; see `Audience`. */
  listeners: Listeners | undefined;
  /** Number of the link on which it was heard last; see `Confirmation`. */
  heardOnLink = 0;

  constructor(
    readonly known: KnownBoard,
    onRecord: (member: Member, record: LogRecord) => void,
    readonly crashes = new CrashBook(),
  ) {
    this.log = new LogAssembler(known.board, (record) => onRecord(this, record));
    if (known.log) this.log.count.set(known.log.boot, known.log.seq);
    if (known.info) this.log.times.learn(known.info, undefined);
  }
}
