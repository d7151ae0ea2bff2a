import { EventEmitter } from 'node:events';
import type { Boards } from '../board/boards';
import type { Connection } from '../link/connection';
import type { Message } from '../link/subscriptions';
import { parseCrashReport } from '../protocol/crash-report';
import { parseInfo } from '../protocol/info';
import { parseLogLine } from '../protocol/log-line';
import type { LogRecord } from '../protocol/log-record';
import { parseSysinfo } from '../protocol/sysinfo';
import { checkPrefix } from '../protocol/topics';
import { Acknowledger } from './acknowledger';
import { Audience, type Listeners, type Topic, tell } from './audience';
import { loggedCrash, reportedCrash } from './crashes';
import { expand, minimal, overlap, type Pattern } from './filters';
import { Keeper } from './keeper';
import type { Member } from './member';
import { Overdue } from './overdue';
import { takeInfo, takeStatus, takeSysinfo } from './presence';
import { Registry } from './registry';
import { Subscriber, type Wanted } from './subscriber';
import type {
  CrashEvent,
  FleetListener,
  FleetMemory,
  KnownBoard,
  PresenceEvent,
  Watch,
} from './types';

export interface FleetOptions {
  /** The installation's prefix: names are relative to it, and what is not below it is not seen. */
  scope?: string;
  memory?: FleetMemory;
}

/** Event names of a `Fleet`, each with what its listeners are given. */
export interface FleetEvents {
  /** Something else is known of this board, or of its existence; not at every line that it logs. */
  change: [board: string];
}

/**
 * All boards behind a connection, or those below one prefix: which there are, how they are, and what they
 * say by themselves. The connection belongs to who opened it.
 */
export class Fleet extends EventEmitter<FleetEvents> {
  private readonly scope: string;
  private readonly audience = new Audience();
  private readonly registry: Registry;
  private readonly subscriber: Subscriber;
  private readonly acknowledger: Acknowledger;
  private readonly keeper: Keeper;
  private readonly overdue = new Overdue((member) => member.log.flush());
  private readonly ready: Promise<void>;
  private closed = false;

  /** @throws InvalidInputError for a scope that cannot be one. */
  constructor(connection: Connection, boards: Boards, { scope = '', memory }: FleetOptions = {}) {
    super();
    this.setMaxListeners(0);
    this.scope = scope === '' ? '' : `${checkPrefix(scope)}/`;
    this.registry = new Registry(this.scope, (member, record) => this.onRecord(member, record));
    this.subscriber = new Subscriber(connection);
    this.acknowledger = new Acknowledger(boards);
    this.keeper = new Keeper(memory, () => this.registry.save());
    this.ready = this.start();
  }

  /** All that are known, by name. */
  boards(): KnownBoard[] {
    const boards = [...this.registry.all()].map(({ known }) => known);
    return boards.sort((one, other) => (one.board < other.board ? -1 : 1));
  }

  known(board: string): KnownBoard | undefined {
    return this.registry.get(board)?.known;
  }

  /**
   * Tells `listener` what the boards say whose names match one of `filters`, with `+` and `#`, until the watch
   * is closed, through all reconnects. Resolves when the broker has granted it; without a link at once, and
   * then it begins with the link.
   * @throws InvalidInputError for a filter that cannot be one; LinkError when the broker does not allow it.
   */
  async watch(filters: string[], listener: FleetListener): Promise<Watch> {
    const patterns = filters.flatMap(expand);
    const leave = this.audience.add(patterns, listener);
    const close = () => {
      leave();
      void this.subscribe();
    };
    await this.ready;
    await this.subscribe();
    const refused = this.refusal(patterns, listener);
    if (refused) {
      close();
      throw refused;
    }
    return { close };
  }

  /** It is known no more, until it says something again. */
  forget(board: string): void {
    if (this.registry.delete(board)) this.changed(board);
  }

  /** Ends all watches, and saves what is known. */
  async close(): Promise<void> {
    this.closed = true;
    await this.ready;
    await this.subscriber.close();
    this.overdue.flush();
    this.acknowledger.close();
    await this.keeper.close();
  }

  private async start(): Promise<void> {
    this.registry.load(await this.keeper.load());
    void this.subscribe();
  }

  private async subscribe(): Promise<void> {
    const wanted = new Map<string, Wanted>();
    for (const kind of this.closed ? [] : KINDS) {
      const listener = this[kind.take];
      for (const pattern of this.patternsOf(kind)) {
        wanted.set(this.filterOf(kind, pattern), { listener, qos: kind.qos });
      }
    }
    await this.subscriber.want(wanted);
  }

  /** Presence is watched of all. */
  private patternsOf({ topic }: Kind): Pattern[] {
    const patterns = this.audience.patterns(topic);
    return minimal(topic === 'presence' ? [...patterns, ...expand('#')] : patterns);
  }

  private filterOf({ behind }: Kind, pattern: Pattern): string {
    return this.scope + pattern.join('/') + behind;
  }

  /** Why the broker does not bring what a watch of `patterns` is to tell `listener`. */
  private refusal(patterns: Pattern[], listener: FleetListener): Error | undefined {
    for (const kind of KINDS.filter(({ topic }) => listener[topic])) {
      for (const pattern of this.patternsOf(kind)) {
        const error = this.subscriber.refused.get(this.filterOf(kind, pattern));
        if (error && patterns.some((own) => overlap(own, pattern))) return error;
      }
    }
    return undefined;
  }

  /** The board that a topic belongs to. */
  private meet(topic: string, behind: number, now: number): Member | undefined {
    const board = topic.slice(this.scope.length, behind);
    const member = this.registry.get(board) ?? this.registry.meet(board, now);
    if (member) member.known.lastSeen = now;
    return member;
  }

  private audienceOf(member: Member): Listeners {
    member.listeners = this.audience.listeners(member.known.board, member.listeners);
    return member.listeners;
  }

  private readonly onLog = ({ topic, payload, retain }: Message) => {
    // Nobody is to retain what passes: it would come again with each link.
    if (retain) return;
    const now = Date.now();
    const line = parseLogLine(payload);
    const board = topic.slice(this.scope.length, -LOG.length);
    // Whoever publishes to a topic like this is a board only when it is a log line.
    const member =
      this.registry.get(board) ?? (line.name === '' ? undefined : this.registry.meet(board, now));
    if (!member) return;
    member.known.lastSeen = now;
    member.log.take(line, now);
    if (member.log.isWaiting) this.overdue.add(member, now);
    this.keeper.aged();
  };

  private onRecord(member: Member, record: LogRecord): void {
    const { known } = member;
    if (record.boot !== undefined && record.seq !== undefined) {
      known.log ??= { boot: '', seq: 0 };
      known.log.boot = record.boot;
      known.log.seq = record.seq;
    }
    const { log, crash } = this.audienceOf(member);
    tell(log, tellRecord, record);
    if (record.level >= 40 && record.exception !== undefined && crash.length > 0) {
      const event = loggedCrash(member, record);
      if (event) tell(crash, tellCrash, event);
    }
  }

  private readonly onSysinfo = ({ topic, payload, retain }: Message) => {
    const sysinfo = retain ? undefined : parseSysinfo(payload);
    if (!sysinfo) return;
    const now = Date.now();
    const member = this.meet(topic, -SYSINFO.length, now);
    if (!member) return;
    const events = takeSysinfo(member, sysinfo, now);
    const event = { ...sysinfo, board: member.known.board, at: new Date(now) };
    tell(this.audienceOf(member).sysinfo, (listener) => listener.sysinfo?.(event), event);
    this.present(member, events);
    this.keeper.aged();
    this.emit('change', member.known.board);
  };

  private readonly onStatus = ({ topic, payload, retain }: Message) => {
    const status = payload.toString('latin1', 0, 10);
    if (status !== 'online' && status !== 'offline') return;
    const now = Date.now();
    const member = this.meet(topic, -STATUS.length, now);
    if (!member) return;
    this.present(member, takeStatus(member, status === 'online', { now, retain }));
    this.acknowledger.again(member.known);
    this.changed(member.known.board);
  };

  private readonly onInfo = ({ topic, payload, retain }: Message) => {
    const info = parseInfo(payload);
    if (!info) return;
    const now = Date.now();
    const member = this.meet(topic, -INFO.length, now);
    if (!member) return;
    const isHeard = this.audienceOf(member).log.length > 0;
    this.present(member, takeInfo(member, info, { now, retain }, isHeard));
    this.acknowledger.again(member.known);
    this.changed(member.known.board);
  };

  private readonly onCrash = ({ topic, payload }: Message) => {
    const report = parseCrashReport(payload);
    if (!report) return;
    const now = Date.now();
    const member = this.meet(topic, topic.lastIndexOf(CRASH), now);
    if (!member) return;
    const { crash } = this.audienceOf(member);
    if (crash.length === 0) return;
    const event = reportedCrash(member, report, now);
    const told = event === undefined || tell(crash, tellCrash, event);
    if (told && crash.some(({ acknowledge }) => acknowledge !== false)) {
      this.acknowledger.add(member.known, report.id);
    }
    this.changed(member.known.board);
  };

  private present(member: Member, events: PresenceEvent[]): void {
    const { presence } = this.audienceOf(member);
    for (const event of events) tell(presence, (listener) => listener.presence?.(event), event);
  }

  private changed(board: string): void {
    this.keeper.changed();
    this.emit('change', board);
  }
}

const tellRecord = (listener: FleetListener, record: LogRecord) => listener.log?.(record);
const tellCrash = (listener: FleetListener, crash: CrashEvent) => listener.crash?.(crash);

const LOG = '/log';
const SYSINFO = '/sysinfo';
const STATUS = '/mqb/status';
const INFO = '/mqb/info';
const CRASH = '/mqb/crash/';

interface Kind {
  topic: Topic;
  /** What follows the board's prefix. */
  behind: string;
  qos: 0 | 1;
}

const KINDS = [
  { topic: 'presence', behind: STATUS, qos: 1, take: 'onStatus' },
  { topic: 'presence', behind: INFO, qos: 1, take: 'onInfo' },
  { topic: 'crash', behind: `${CRASH}+`, qos: 1, take: 'onCrash' },
  { topic: 'log', behind: LOG, qos: 1, take: 'onLog' },
  { topic: 'sysinfo', behind: SYSINFO, qos: 0, take: 'onSysinfo' },
] as const;
