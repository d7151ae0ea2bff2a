import type { Message } from '../link/subscriptions';
import { parseCrashReport } from '../protocol/crash-report';
import { parseInfo } from '../protocol/info';
import { parseLogLine } from '../protocol/log-line';
import type { LogRecord } from '../protocol/log-record';
import { parseSysinfo } from '../protocol/sysinfo';
import type { Acknowledger } from './acknowledger';
import { type Audience, type Listeners, tell } from './audience';
import { Confirmation } from './confirmation';
import { loggedCrash, reportedCrash } from './crashes';
import { matches, type Pattern } from './filters';
import type { Keeper } from './keeper';
import type { Member } from './member';
import { Overdue } from './overdue';
import { presenceNow, takeInfo, takeStatus, takeSysinfo } from './presence';
import { Registry } from './registry';
import type { CrashEvent, FleetListener, PresenceEvent } from './types';

/** What follows a board's prefix in the topics that it publishes to by itself. */
export const BEHIND = {
  log: '/log',
  sysinfo: '/sysinfo',
  status: '/mqb/status',
  info: '/mqb/info',
  crash: '/mqb/crash/',
} as const;

const tellRecord = (listener: FleetListener, record: LogRecord) => listener.log?.(record);
const copyRecord = (record: LogRecord) => ({ ...record });
const tellCrash = (listener: FleetListener, crash: CrashEvent) => listener.crash?.(crash);

/** Takes the messages of all boards: notes what they say, and tells who listens. */
export class Intake {
  readonly registry: Registry;
  readonly confirmation: Confirmation;
  private readonly overdue = new Overdue((member) => member.log.flush());

  constructor(
    private readonly scope: string,
    private readonly audience: Audience,
    private readonly acknowledger: Acknowledger,
    private readonly keeper: Keeper,
    private readonly onChange: (board: string) => void,
  ) {
    this.registry = new Registry(scope, (member, record) => this.onRecord(member, record));
    this.confirmation = new Confirmation(
      () => this.registry.all(),
      (member) => this.onSilent(member),
    );
  }

  /** Gives out what still waited for more. */
  close(): void {
    this.confirmation.close();
    this.overdue.flush();
  }

  /** Tells who begins to listen which boards are online and which are not, as far as that is known by now. */
  begin(patterns: Pattern[], listener: FleetListener): void {
    const now = Date.now();
    for (const member of this.registry.all()) {
      const name = member.known.board.split('/');
      if (!patterns.some((pattern) => matches(pattern, name))) continue;
      const event = presenceNow(member, now);
      if (event) tell([listener], (one) => one.presence?.(event), event);
    }
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

  readonly onLog = ({ topic, payload, retain }: Message) => {
    // Nobody is to retain what passes: it would come again with each link.
    if (retain) return;
    const now = Date.now();
    const line = parseLogLine(payload);
    const board = topic.slice(this.scope.length, -BEHIND.log.length);
    // Whoever publishes to a topic like this is a board only when it is a log line.
    const member =
      this.registry.get(board) ?? (line.name === '' ? undefined : this.registry.meet(board, now));
    if (!member) return;
    member.known.lastSeen = now;
    this.confirmation.heard(member);
    member.log.take(line, now);
    if (member.log.isWaiting) this.overdue.add(member);
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
    tell(log, tellRecord, record, copyRecord);
    if (record.level >= 40 && record.exception !== undefined && crash.length > 0) {
      const event = loggedCrash(member, record);
      if (event) tell(crash, tellCrash, event);
    }
  }

  readonly onSysinfo = ({ topic, payload, retain }: Message) => {
    const sysinfo = retain ? undefined : parseSysinfo(payload);
    if (!sysinfo) return;
    const now = Date.now();
    const member = this.meet(topic, -BEHIND.sysinfo.length, now);
    if (!member) return;
    this.confirmation.heard(member);
    const events = takeSysinfo(member, sysinfo, now);
    const event = { ...structuredClone(sysinfo), board: member.known.board, at: new Date(now) };
    tell(this.audienceOf(member).sysinfo, (listener, own) => listener.sysinfo?.(own), event);
    this.present(member, events);
    this.keeper.aged();
    this.onChange(member.known.board);
  };

  readonly onStatus = ({ topic, payload, retain }: Message) => {
    const status = payload.toString('latin1', 0, 10);
    if (status !== 'online' && status !== 'offline') return;
    const now = Date.now();
    const member = this.meet(topic, -BEHIND.status.length, now);
    if (!member) return;
    this.confirmation.heard(member);
    this.present(member, takeStatus(member, status === 'online', { now, retain }));
    this.acknowledger.again(member.known);
    this.changed(member.known.board);
  };

  readonly onInfo = ({ topic, payload, retain }: Message) => {
    const info = parseInfo(payload);
    if (!info) return;
    const now = Date.now();
    const member = this.meet(topic, -BEHIND.info.length, now);
    if (!member) return;
    if (!retain) this.confirmation.heard(member);
    const isHeard = this.audienceOf(member).log.length > 0;
    this.present(member, takeInfo(member, info, { now, retain }, isHeard));
    this.acknowledger.again(member.known);
    this.changed(member.known.board);
  };

  readonly onCrash = ({ topic, payload }: Message) => {
    const report = parseCrashReport(payload);
    if (!report) return;
    const now = Date.now();
    const member = this.meet(topic, topic.lastIndexOf(BEHIND.crash), now);
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

  private onSilent(member: Member): void {
    this.present(member, takeStatus(member, false, { now: Date.now(), retain: true }));
    this.changed(member.known.board);
  }

  private present(member: Member, events: PresenceEvent[]): void {
    const { presence } = this.audienceOf(member);
    for (const event of events) tell(presence, (listener, own) => listener.presence?.(own), event);
  }

  private changed(board: string): void {
    this.keeper.changed();
    this.onChange(board);
  }
}
