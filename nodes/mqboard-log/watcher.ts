import type { Node } from 'node-red';
import {
  type CrashEvent,
  type Fleet,
  type FleetListener,
  type LogRecord,
  MqboardError,
  NotConnectedError,
  type PresenceEvent,
  type SysinfoEvent,
  type Watch,
} from '../../core/index';
import { noServer } from '../shared/await-server';
import { flowError } from '../shared/flow-error';
import type { LinkState, ServerNode, ServerUser } from '../shared/server-node';
import type { Words } from '../shared/words';
import { Coalescer, type SentRecord } from './coalescer';
import { crashText } from './crash-text';
import { FleetStatus } from './fleet-status';
import { presenceText } from './presence-text';
import { RateLimit } from './rate-limit';
import { RecordFilter } from './record-filter';
import { type LogPlan, type LogSettings, readSettings } from './settings';

/** What an `mqboard-log` node does: tells the flow what its boards say, and how they are. */
export class Watcher implements ServerUser {
  private readonly status: FleetStatus;
  private readonly plan: LogPlan | undefined;
  private readonly listener: FleetListener;
  private readonly coalescer: Coalescer;
  private readonly limit: RateLimit;
  /** Why the settings cannot be; told when the flow listens. */
  private unusable: MqboardError | undefined;
  private server: ServerNode | null = null;
  private fleet: Fleet | undefined;
  private watch: Watch | undefined;
  private starting = false;
  private closed = false;

  constructor(
    private readonly node: Node,
    private readonly words: Words,
    settings: LogSettings,
  ) {
    this.status = new FleetStatus(
      (status) => node.status(status),
      words,
      () => this.boards(),
    );
    try {
      this.plan = readSettings(settings);
    } catch (error) {
      if (!(error instanceof MqboardError)) throw error;
      this.unusable = error;
      this.status.failed(error);
    }
    const { perSecond = 0, coalesceMs = 0 } = this.plan ?? {};
    const heldBack = (number: number) =>
      words('text.heldBack', `${number} records held back: more than ${perSecond} a second`, {
        number,
        perSecond,
      });
    this.limit = new RateLimit(perSecond, heldBack, (record) => this.sendRecord(record));
    this.coalescer = new Coalescer(coalesceMs, (record) => this.limit.push(record));
    this.listener = this.plan ? this.listenerFor(this.plan) : {};
  }

  /** With the server to watch through, or null while there is none. */
  use(server: ServerNode | null): void {
    this.server = server;
    if (server) server.register(this);
    else this.onLink({ state: 'refused', error: noServer() });
  }

  onLink(link: LinkState): void {
    this.status.onLink(link);
    if (link.state === 'connected') void this.begin();
  }

  async close(): Promise<void> {
    // What was counted is told as long as the flow behind the node still listens.
    this.coalescer.close();
    this.limit.close();
    this.closed = true;
    this.status.close();
    this.fleet?.off('change', this.onChange);
    this.watch?.close();
    await this.server?.deregister(this);
  }

  private boards() {
    const { fleet, plan } = this;
    return fleet && plan ? fleet.boards().filter(({ board }) => plan.isWatched(board)) : [];
  }

  private readonly onChange = () => this.status.changed();

  private async begin(): Promise<void> {
    const { server, plan, listener, unusable } = this;
    this.unusable = undefined;
    if (unusable) this.refuse(unusable);
    if (!server || !plan || this.watch || this.starting) return;
    this.starting = true;
    try {
      const fleet = server.fleet();
      this.fleet?.off('change', this.onChange);
      this.fleet = fleet;
      fleet.on('change', this.onChange);
      const watch = await fleet.watch(plan.boards, listener);
      if (this.closed) return watch.close();
      this.watch = watch;
      this.status.began();
    } catch (error) {
      // The link is gone again: it is tried anew with the next one.
      if (!(error instanceof NotConnectedError) && !this.closed) this.refuse(error);
    } finally {
      this.starting = false;
    }
  }

  private refuse(error: unknown): void {
    const known = error instanceof MqboardError;
    const { message } = error as Error;
    this.status.failed(known ? error : new MqboardError('INTERNAL', 'error', message));
    this.node.error(flowError(error), {});
  }

  private listenerFor(plan: LogPlan): FleetListener {
    const filter = new RecordFilter(plan.level, plan.loggers);
    return {
      ...(plan.records && {
        log: (record: LogRecord) => {
          if (!this.closed && filter.passes(record)) this.coalescer.push(record);
        },
      }),
      ...(plan.crashes && {
        crash: (crash: CrashEvent) => this.send(1, crash, { text: crashText(crash, this.words) }),
      }),
      ...(plan.sysinfo && { sysinfo: (sysinfo: SysinfoEvent) => this.send(2, sysinfo) }),
      ...(plan.presence && {
        presence: (event: PresenceEvent) =>
          this.send(3, event, { text: presenceText(event, this.words) }),
      }),
    };
  }

  private sendRecord(record: SentRecord): void {
    // The shortest way to the first output, for there are many.
    if (!this.closed) this.node.send({ topic: record.board, payload: record } as never);
  }

  private send(output: number, event: { board: string }, more: object = {}): void {
    if (this.closed) return;
    const messages: Array<object | null> = [null, null, null, null];
    messages[output] = { topic: event.board, payload: Object.assign(event, more) };
    this.node.send(messages as never);
  }
}
