import { setTimeout } from 'node:timers/promises';
import {
  Boards,
  Connection,
  type ConnectionOptions,
  type Fleet,
  type KnownBoard,
  MqboardError,
  parseBrokerUrl,
} from '../../core/index';
import type { LinkState, ServerUser } from '../shared/server-node';
import type { Claim, ClientIds } from './client-ids';

interface Link {
  connection: Connection;
  boards: Boards;
  fleet?: Fleet;
  /** Resolves when the broker has told of the boards that it knows. */
  told?: Promise<void>;
}

/** A broker tells what it has retained in one go; the first of it takes a round trip. */
const QUIET_MS = 250;
const LONGEST_TELLING_MS = 2000;

/**
 * One connection for all nodes that use a server: it opens with the first and closes with the last.
 * Each opening makes a new `Connection`, so that nothing that is left of an older one can touch it.
 */
export class SharedConnection {
  private readonly users = new Set<ServerUser>();
  private link: Link | undefined;
  private claim: Claim | undefined;
  private closing: Promise<void> = Promise.resolve();
  private current: LinkState = { state: 'closed' };

  constructor(
    private readonly options: ConnectionOptions,
    private readonly clientIds: ClientIds,
    /** Name of the owner, for the one who wants the same client id. */
    private readonly name: string,
    private readonly onLink: (link: LinkState) => void,
    private readonly newFleet: (connection: Connection, boards: Boards) => Fleet,
  ) {}

  /** The boards behind the connection; undefined while no user needs it, or it may not be opened. */
  get boards(): Boards | undefined {
    return this.link?.boards;
  }

  /**
   * All boards that the server lets this user hear of; made when it is first asked for, because not every
   * user may listen to all of them, nor wants to.
   */
  get fleet(): Fleet | undefined {
    const { link } = this;
    if (link && !link.fleet) {
      link.fleet = this.newFleet(link.connection, link.boards);
      link.told = quiet(link.fleet);
    }
    return link?.fleet;
  }

  /** The boards that are known. Who asks early waits until the broker has told of them. */
  async discover(): Promise<KnownBoard[]> {
    const { fleet } = this;
    await this.link?.told;
    return fleet?.boards() ?? [];
  }

  get state(): LinkState {
    return this.current;
  }

  add(user: ServerUser): void {
    this.users.add(user);
    if (this.users.size > 1) {
      user.onLink(this.current);
      return;
    }
    const { clientId } = this.options;
    if (clientId === undefined) {
      this.open();
      return;
    }
    const { host, port } = parseBrokerUrl(this.options.url);
    this.claim = this.clientIds.claim(`${clientId} ${host}:${port}`, this.name, {
      granted: () => this.open(),
      taken: (by) => this.become({ state: 'refused', error: sameClientId(clientId, by) }),
    });
  }

  async remove(user: ServerUser): Promise<void> {
    this.users.delete(user);
    if (this.users.size === 0) this.close();
    await this.closing;
  }

  /** Hangs up for everybody. */
  async end(): Promise<void> {
    this.users.clear();
    this.close();
    await this.closing;
  }

  private open(): void {
    const connection = new Connection(this.options);
    this.link = { connection, boards: new Boards(connection) };
    connection.on('connecting', () => this.become({ state: 'connecting' }));
    connection.on('connected', () => this.become({ state: 'connected' }));
    connection.on('disconnected', ({ error }) => this.become({ state: 'disconnected', error }));
    connection.on('refused', ({ error }) => this.become({ state: 'refused', error }));
    connection.open();
  }

  private close(): void {
    const { link, claim } = this;
    this.link = undefined;
    this.claim = undefined;
    this.current = { state: 'closed' };
    if (!link) {
      claim?.release();
      return;
    }
    this.closing = hangUp(link).finally(() => claim?.release());
  }

  private become(link: LinkState): void {
    this.current = link;
    this.onLink(link);
    for (const user of this.users) user.onLink(link);
  }
}

/** Nothing of it reports to us any more, at once; what the fleet still has to write down takes its time. */
async function hangUp({ connection, boards, fleet }: Link): Promise<void> {
  const written = fleet?.close();
  boards.close();
  connection.removeAllListeners();
  try {
    await written;
  } finally {
    await connection.close();
  }
}

/** Resolves when nothing new has been heard of boards for a moment. */
async function quiet(fleet: Fleet): Promise<void> {
  const latest = performance.now() + LONGEST_TELLING_MS;
  let changed = true;
  const onChange = () => {
    changed = true;
  };
  fleet.on('change', onChange);
  while (changed && performance.now() < latest) {
    changed = false;
    await setTimeout(QUIET_MS);
  }
  fleet.off('change', onChange);
}

function sameClientId(clientId: string, other: string): MqboardError {
  return new MqboardError(
    'CLIENT_ID_TAKEN',
    'client id in use',
    `The client ID "${clientId}" is used by another server node, "${other}", at the same MQTT ` +
      'server: the two would disconnect each other for ever. Give each its own, or leave it empty.',
  );
}
