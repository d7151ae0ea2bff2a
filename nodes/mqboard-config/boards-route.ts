import type { NodeAPI } from 'node-red';
import { type KnownBoard, sleeping } from '../../core/index';
import type { ServerNode } from '../shared/server-node';

/** What a dialog shows of a board. */
export interface OfferedBoard {
  board: string;
  /** Null where nobody can say: a board of version 1, or without a connection. */
  online: boolean | null;
  /** Offline, and it said that it would be for a while. */
  asleep?: true;
  /** UNIX milliseconds. */
  since?: number;
  lastSeen: number;
  machine?: string;
  fw?: string;
  mode?: string;
}

/**
 * Answers `GET mqboard-config/<id of a server node>/boards` with `{connected, boards}`: the boards that it knows,
 * those that are online first. 404: there is no such node, it was not deployed yet, or it is disabled.
 */
export function registerBoardsRoute(RED: NodeAPI): void {
  RED.httpAdmin.get(
    '/mqboard-config/:id/boards',
    RED.auth.needsPermission('mqboard-config.read'),
    async (request, response) => {
      const { id = '' } = request.params as { id?: string };
      const server = RED.nodes.getNode(id) as ServerNode | null;
      if (server?.type !== 'mqboard-config') {
        response.status(404).json({ code: 'NO_SERVER' });
        return;
      }
      const { connected, boards } = await server.knownBoards();
      response.json({
        connected,
        boards: boards.map((board) => offer(board, connected)).sort(order),
      });
    },
  );
}

function offer(known: KnownBoard, connected: boolean): OfferedBoard {
  const { board, since, lastSeen, info } = known;
  const { machine, fw, mode } = info ?? {};
  const away = connected && known.online === false;
  return {
    board,
    online: connected ? (known.online ?? null) : null,
    ...(away && sleeping(info, since, Date.now()) && { asleep: true }),
    lastSeen,
    ...(since !== undefined && { since }),
    ...(machine !== undefined && { machine }),
    ...(fw !== undefined && { fw }),
    ...(mode !== undefined && { mode }),
  };
}

function order(one: OfferedBoard, other: OfferedBoard): number {
  const away = Number(one.online !== true) - Number(other.online !== true);
  return away || one.board.localeCompare(other.board, 'en', { numeric: true });
}
