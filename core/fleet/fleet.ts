import { EventEmitter } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import type { Boards } from '../board/boards';
import { SharedStream } from '../board/transfer/shared-stream';
import type { Connection } from '../link/connection';
import { checkPrefix } from '../protocol/topics';
import { Acknowledger } from './acknowledger';
import { Audience, type Topic } from './audience';
import { expand, minimal, overlap, type Pattern } from './filters';
import { BEHIND, Intake } from './intake';
import { Keeper } from './keeper';
import type { RolloutMemory } from './rollout/memory';
import type { RolloutSite } from './rollout/site';
import { Subscriber, type Wanted } from './subscriber';
import type { FleetListener, FleetMemory, KnownBoard, Watch } from './types';

export interface FleetOptions {
  /** The installation's prefix: names are relative to it, and what is not below it is not seen. */
  scope?: string;
  memory?: FleetMemory;
}

/** Event names of a `Fleet`, each with what its listeners are given. */
export interface FleetEvents {
  /** Something else is known of this board, or of its existence; not at every line that it logs. */
  change: [board: string];
  /** The broker did not grant a subscription: of a watch that is told so itself, or that of all presence. */
  refused: [error: Error];
}

/**
 * All boards behind a connection, or those below one prefix: which there are, how they are, and what they
 * say by themselves. The connection belongs to who opened it.
 */
export class Fleet extends EventEmitter<FleetEvents> {
  private readonly scope: string;
  private readonly audience = new Audience();
  private readonly intake: Intake;
  private readonly subscriber: Subscriber;
  private readonly acknowledger: Acknowledger;
  private readonly keeper: Keeper;
  private readonly ready: Promise<void>;
  private closed = false;

  /** @throws InvalidInputError for a scope that cannot be one. */
  constructor(
    private readonly connection: Connection,
    private readonly commanded: Boards,
    { scope = '', memory }: FleetOptions = {},
  ) {
    super();
    this.setMaxListeners(0);
    this.scope = scope === '' ? '' : `${checkPrefix(scope)}/`;
    this.subscriber = new Subscriber(connection, (error) => this.emit('refused', error));
    this.acknowledger = new Acknowledger(commanded);
    this.keeper = new Keeper(memory, () => this.intake.registry.save());
    this.intake = new Intake(this.scope, this.audience, this.acknowledger, this.keeper, (board) =>
      this.emit('change', board),
    );
    connection.on('connected', this.onConnected);
    if (connection.state === 'connected') this.onConnected();
    this.ready = this.start();
  }

  /** All that are known, by name. */
  boards(): KnownBoard[] {
    const boards = [...this.intake.registry.all()].map(({ known }) => known);
    return boards.sort((one, other) => (one.board < other.board ? -1 : 1));
  }

  known(board: string): KnownBoard | undefined {
    return this.intake.registry.get(board)?.known;
  }

  /**
   * Tells `listener` what the boards say whose names match one of `filters`, with `+` and `#`, until the watch
   * is closed, through all reconnects. It begins with who is online, as far as that is known by now. Resolves
   * when the broker has granted it; without a link at once, and then it begins with the link.
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
    // Not before whoever calls has set up what takes it: as what comes from the broker.
    await setImmediate();
    if (listener.presence) this.intake.begin(patterns, listener);
    await this.subscribe();
    const refused = this.refusal(patterns, listener);
    if (refused) {
      close();
      throw refused;
    }
    return { close };
  }

  /**
   * Where a `Rollout` over these boards happens. What it is to know when it begins, which boards there are and
   * how they are, has to have come from the broker by then; and it has to be closed before the fleet is.
   */
  site(memory?: RolloutMemory): RolloutSite {
    return {
      board: (name) => this.commanded.get(this.scope + name),
      boards: () => this.boards(),
      known: (board) => this.known(board),
      watch: (listener) => {
        this.on('change', listener);
        return () => this.off('change', listener);
      },
      share: new SharedStream(this.connection, this.scope.slice(0, -1) || NO_SCOPE),
      ...(memory && { memory }),
    };
  }

  /** It is known no more, until it says something again. */
  forget(board: string): void {
    if (!this.intake.registry.delete(board)) return;
    this.keeper.changed();
    this.emit('change', board);
  }

  /** Ends all watches, and saves what is known. */
  async close(): Promise<void> {
    this.closed = true;
    this.connection.off('connected', this.onConnected);
    await this.ready;
    await this.subscriber.close();
    this.intake.close();
    this.acknowledger.close();
    await this.keeper.close();
  }

  private readonly onConnected = () => this.intake.confirmation.begin();

  private async start(): Promise<void> {
    await this.keeper.load((state) => this.intake.registry.load(state));
    void this.subscribe();
  }

  private async subscribe(): Promise<void> {
    const wanted = new Map<string, Wanted>();
    for (const kind of this.closed ? [] : KINDS) {
      const listener = this.intake[kind.take];
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
}

/** What begins the topic that many boards share, where no prefix is common to all. */
const NO_SCOPE = 'mqboard';

interface Kind {
  topic: Topic;
  /** What follows the board's prefix. */
  behind: string;
  qos: 0 | 1;
}

const KINDS = [
  { topic: 'presence', behind: BEHIND.status, qos: 1, take: 'onStatus' },
  { topic: 'presence', behind: BEHIND.info, qos: 1, take: 'onInfo' },
  { topic: 'crash', behind: `${BEHIND.crash}+`, qos: 1, take: 'onCrash' },
  { topic: 'log', behind: BEHIND.log, qos: 1, take: 'onLog' },
  { topic: 'sysinfo', behind: BEHIND.sysinfo, qos: 0, take: 'onSysinfo' },
] as const;
