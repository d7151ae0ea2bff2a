import type { LogRecord } from '../protocol/log-record';
import type { CrashBook, SavedCrashBook } from './crash-book';
import { Member } from './member';
import { restoreCrashes, restoreKnown } from './restore';
import type { KnownBoard } from './types';

/** Who invents names must not fill the host: above this the least known go first. */
const MOST_BOARDS = 5000;
/** Longer than any name that somebody gave a board. */
const LONGEST_NAME = 256;

/** A registry as it is written down. */
interface SavedRegistry {
  version: 1;
  boards: Array<{ known: KnownBoard; crashes?: SavedCrashBook }>;
}

/** Which boards there are. */
export class Registry {
  private readonly members = new Map<string, Member>();

  /** `scope` is the beginning of all prefixes, with its slash, or empty. */
  constructor(
    private readonly scope: string,
    private readonly onRecord: (member: Member, record: LogRecord) => void,
  ) {}

  get(board: string): Member | undefined {
    return this.members.get(board);
  }

  all(): IterableIterator<Member> {
    return this.members.values();
  }

  /** The member of this name, made when it is new. Undefined for what cannot be the name of a board. */
  meet(board: string, now: number): Member | undefined {
    const known = this.members.get(board);
    if (known) return known;
    if (board === '' || board.length > LONGEST_NAME) return undefined;
    if (this.members.size >= MOST_BOARDS) this.makeRoom();
    return this.add({
      board,
      prefix: this.scope + board,
      online: undefined,
      firstSeen: now,
      lastSeen: now,
    });
  }

  delete(board: string): boolean {
    return this.members.delete(board);
  }

  save(): SavedRegistry {
    const boards = [...this.members.values()].map(({ known, crashes }) => {
      const book = crashes.toJSON();
      return { known, ...(book && { crashes: book }) };
    });
    return { version: 1, boards };
  }

  /** Takes what `save` returned. Of what it cannot be nothing is taken. */
  load(state: unknown): void {
    const { version, boards } = (state ?? {}) as Partial<SavedRegistry>;
    if (version !== 1 || !Array.isArray(boards)) return;
    for (const entry of boards.slice(0, MOST_BOARDS)) {
      const known = restoreKnown(entry?.known, this.scope);
      if (known && !this.members.has(known.board)) this.add(known, restoreCrashes(entry.crashes));
    }
  }

  private add(known: KnownBoard, crashes?: CrashBook): Member {
    const member = new Member(known, this.onRecord, crashes);
    this.members.set(known.board, member);
    return member;
  }

  /** Drops a tenth: first those that never said what they are, first those that were silent for longest. */
  private makeRoom(): void {
    const worth = ({ known }: Member) => (known.info === undefined ? 0 : known.online ? 2 : 1);
    const sorted = [...this.members.values()].sort(
      (one, other) => worth(one) - worth(other) || one.known.lastSeen - other.known.lastSeen,
    );
    for (const { known } of sorted.slice(0, MOST_BOARDS / 10)) this.members.delete(known.board);
  }
}
