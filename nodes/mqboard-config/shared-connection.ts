import {
  Boards,
  Connection,
  type ConnectionOptions,
  MqboardError,
  parseBrokerUrl,
} from '../../core/index';
import type { LinkState, ServerUser } from '../shared/server-node';
import type { Claim, ClientIds } from './client-ids';

interface Link {
  connection: Connection;
  boards: Boards;
}

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
  ) {}

  /** The boards behind the connection; undefined while no user needs it, or it may not be opened. */
  get boards(): Boards | undefined {
    return this.link?.boards;
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
    link.connection.removeAllListeners();
    link.boards.close();
    this.closing = link.connection.close().finally(() => claim?.release());
  }

  private become(link: LinkState): void {
    this.current = link;
    this.onLink(link);
    for (const user of this.users) user.onLink(link);
  }
}

function sameClientId(clientId: string, other: string): MqboardError {
  return new MqboardError(
    'CLIENT_ID_TAKEN',
    'client id in use',
    `The client ID "${clientId}" is used by another server node, "${other}", at the same MQTT ` +
      'server: the two would disconnect each other for ever. Give each its own, or leave it empty.',
  );
}
