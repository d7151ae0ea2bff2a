import { setImmediate as turn } from 'node:timers/promises';
import {
  AbortedError,
  BoardFileError,
  type BoardInfo,
  BoardOfflineError,
  BoardRefusedError,
  type BoardResult,
  BoardTimeoutError,
  type KnownBoard,
  NotConnectedError,
  type Release,
  type RolloutMemory,
  type RolloutResult,
  type RolloutSite,
  type UpdatableBoard,
  type UpdateOptions,
  type UpdateResult,
} from '../../core/index';

/** How a board of a `Crowd` takes what it is sent. */
export interface Habits {
  /** `undoes it`: after a trial. `refuses it`: before anything is sent. `falls silent`: after its restart. */
  does?: 'takes it' | 'undoes it' | 'refuses it' | 'falls silent';
  /** So many transfers break off before one comes through. */
  breaksOff?: number;
  /** It stops there until `Crowd.release` lets it go on. */
  holds?: 'sending' | 'trial';
  /** Default true; undefined as a board of version 1 is. */
  online?: boolean | undefined;
  /** The registry of the host has it otherwise than it is. */
  saidToBe?: boolean;
  info?: Partial<BoardInfo>;
}

interface Member {
  habits: Habits;
  info: BoardInfo;
  known: KnownBoard;
  /** How often something was sent to it, and how often it restarted into it. */
  sent: number;
  tried: number;
  release: () => void;
  released: Promise<void>;
}

/** Boards that a roll-out can be made over, without a broker: what is sent takes no time unless it is held. */
export class Crowd {
  readonly members = new Map<string, Member>();
  /** At this moment, and at most so far. */
  busy = 0;
  busiest = 0;
  /** The host has lost its broker. */
  unconnected = false;
  private readonly listeners = new Set<(board: string) => void>();
  private updates = 0;

  constructor(habits: Record<string, Habits>) {
    for (const [board, own] of Object.entries(habits)) this.add(board, own);
  }

  /** So many boards named 1, 2, ..., of which some have habits of their own. */
  static of(count: number, special: Record<string, Habits> = {}): Crowd {
    const names = Array.from({ length: count }, (_, index) => String(index + 1));
    return new Crowd(Object.fromEntries(names.map((name) => [name, special[name] ?? {}])));
  }

  site(memory?: RolloutMemory): RolloutSite {
    return {
      board: (name) => this.board(name),
      boards: () => [...this.members.values()].map(({ known }) => known),
      known: (board) => this.members.get(board)?.known,
      watch: (listener) => {
        this.listeners.add(listener);
        return () => this.listeners.delete(listener);
      },
      ...(memory && { memory }),
    };
  }

  member(board: string): Member {
    const member = this.members.get(board);
    if (!member) throw new Error(`no board ${board}`);
    return member;
  }

  /** One more board. */
  join(board: string, habits: Habits = {}): void {
    this.add(board, habits);
    this.tell(board);
  }

  /** Lets a board go on that holds. */
  release(board: string): void {
    this.member(board).release();
  }

  /** The board comes or goes, and the registry hears of it. */
  present(board: string, online: boolean): void {
    const { habits, known } = this.member(board);
    habits.online = online;
    known.online = online;
    this.tell(board);
  }

  /** What has been sent to each board, those left out to which nothing was. */
  get sent(): Record<string, number> {
    const all = [...this.members].map(([board, { sent }]) => [board, sent] as const);
    return Object.fromEntries(all.filter(([, sent]) => sent > 0));
  }

  private add(board: string, habits: Habits): void {
    const online = 'online' in habits ? habits.online : true;
    const info = {
      wire: 2,
      do: ['release'],
      fw: '1.0.0',
      releases: {},
      ...habits.info,
    } as BoardInfo;
    const said = habits.saidToBe ?? online;
    const known = { board, prefix: board, online: said, firstSeen: 0, lastSeen: 0, info };
    const member = { habits: { ...habits, online }, info, known, sent: 0, tried: 0 } as Member;
    member.released = new Promise((resolve) => {
      member.release = resolve;
    });
    this.members.set(board, member);
  }

  private tell(board: string): void {
    for (const listener of [...this.listeners]) listener(board);
  }

  private board(name: string): UpdatableBoard {
    const member = this.member(name);
    const reach = async () => {
      await turn();
      if (this.unconnected) throw new NotConnectedError();
      if (member.habits.online === false) throw new BoardOfflineError(`${name} is offline.`);
    };
    return {
      get info() {
        return member.info;
      },
      describe: async () => {
        await reach();
        return member.info;
      },
      deploy: async (release, options = {}) => {
        await reach();
        this.busiest = Math.max(this.busiest, ++this.busy);
        try {
          return await this.take(name, member, release, options);
        } finally {
          this.busy--;
        }
      },
      flash: async () => {
        throw new BoardRefusedError('slots', 'It takes no images.');
      },
    };
  }

  private async take(
    name: string,
    member: Member,
    { manifest }: Release,
    { onProgress, signal }: UpdateOptions,
  ): Promise<UpdateResult> {
    const { habits } = member;
    const { slot: what, name: title, version } = manifest;
    const there = member.info.releases?.[what];
    const result = { what, version, wireBytes: 100, elapsedMs: 1 } as const;
    if (habits.does === 'refuses it') {
      throw new BoardFileError('needs', 'it', name, 'It needs MicroPython 9.9.');
    }
    if (there?.version === version && !there.modified) return { ...result, outcome: 'already' };
    member.sent++;
    onProgress?.({ phase: 'sending', done: 0, total: 100 });
    if (habits.holds === 'sending') await unlessAborted(member.released, signal);
    if (habits.breaksOff) {
      habits.breaksOff--;
      throw new BoardFileError('corrupt', 'it', name, 'The transfer broke off.');
    }
    member.tried++;
    const id = `update ${++this.updates}`;
    this.says(name, { update: { id, what, version, state: 'trial' } });
    onProgress?.({ phase: 'trial' });
    // The board goes on with its trial, whoever still waits for it.
    const end = this.trial(name, member, { id, what, version, title });
    await unlessAborted(end, signal);
    if (habits.does === 'falls silent') throw new BoardTimeoutError(`${name} says nothing.`);
    if (habits.does !== 'undoes it') return { ...result, outcome: 'updated' };
    return { ...result, outcome: 'rolled-back', reason: 'It never connected.', crash: '1.1' };
  }

  private async trial(
    name: string,
    { habits, released, info }: Member,
    {
      title,
      ...update
    }: { id: string; what: 'app' | 'config' | 'framework'; version: string; title: string },
  ): Promise<void> {
    if (habits.holds === 'trial') await released;
    await turn();
    if (habits.does === 'falls silent') return this.present(name, false);
    const why = 'It never connected.';
    if (habits.does === 'undoes it') {
      return this.says(name, { update: { ...update, state: 'undone', why, crash: '1.1' } });
    }
    const releases = { ...info.releases, [update.what]: { name: title, version: update.version } };
    this.says(name, { update: { ...update, state: 'confirmed' }, releases });
  }

  /** A new birth message. */
  private says(name: string, news: Partial<BoardInfo>): void {
    const member = this.member(name);
    Object.assign(member.info, structuredClone(news));
    this.tell(name);
  }
}

/** Keeps what it is given, as a file would: as JSON, and as a copy. */
export class PocketMemory implements RolloutMemory {
  text: string | undefined;
  content: Buffer | undefined;
  saves = 0;

  async load() {
    return this.text === undefined ? undefined : JSON.parse(this.text);
  }

  async save(state: unknown) {
    this.saves++;
    this.text = JSON.stringify(state);
  }

  /** What it holds now, whatever becomes of this one. */
  copy(): PocketMemory {
    return Object.assign(new PocketMemory(), this);
  }

  /** What the roll-out that it holds came to. */
  result(): RolloutResult {
    const { boards } = JSON.parse(this.text ?? '{}');
    return {
      results: boards.map(({ result }: { result: BoardResult }) => result),
    } as RolloutResult;
  }

  async loadContent() {
    return this.content;
  }

  async saveContent(content: Buffer | undefined) {
    this.content = content && Buffer.from(content);
  }
}

function unlessAborted(promise: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) reject(new AbortedError());
    signal?.addEventListener('abort', () => reject(new AbortedError()), { once: true });
    promise.then(resolve, reject);
  });
}
