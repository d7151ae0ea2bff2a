import type { Node } from 'node-red';
import type { Board, ConnectionState, Fleet, KnownBoard, MqboardError } from '../../core/index';

/** How the link to the server is. `error` says why, when it is not connected. */
export interface LinkState {
  state: ConnectionState;
  error?: MqboardError;
}

/** A node that works through a server, and wants to know how the link is. */
export interface ServerUser {
  onLink(link: LinkState): void;
}

/** What other nodes see of an `mqboard-config` node. */
export interface ServerNode extends Node {
  /** In front of every board's name; empty for none. */
  prefix: string;
  /** Time limit for a command whose node sets none. */
  timeoutMs: number;
  /** The first user opens the connection. Each is told at once how the link is. */
  register(user: ServerUser): void;
  /** The last user closes the connection; resolves when the broker has seen it go. */
  deregister(user: ServerUser): Promise<void>;
  /**
   * The board with this name, the installation's prefix left out.
   * @throws MqboardError for an impossible name, and while there is no connection.
   */
  board(name: string): Board;
  /**
   * All boards below the installation's prefix: who they are, and what they say. It ends with the connection.
   * @throws MqboardError while there is no connection.
   */
  fleet(): Fleet;
  /** What is known of them now; whether they are online only while there is a connection. */
  knownBoards(): Promise<Discovery>;
}

/** What dialogs are told of the boards behind a server. */
export interface Discovery {
  connected: boolean;
  boards: KnownBoard[];
}
