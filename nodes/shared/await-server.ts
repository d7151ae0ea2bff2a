import type { NodeAPI } from 'node-red';
import { InvalidInputError } from '../../core/index';
import type { ServerNode } from './server-node';

/**
 * Calls `found` at once, with null while the server node with this id is missing, and again when a
 * deploy has brought it: that leaves a node that did not change as it is. Returns what ends the waiting.
 */
export function awaitServer(
  RED: NodeAPI,
  id: string,
  found: (server: ServerNode | null) => void,
): () => void {
  const server = () => RED.nodes.getNode(id) as ServerNode | null;
  const stop = () => {
    RED.events.off('flows:started', look);
  };
  const look = () => {
    const late = server();
    if (!late) return;
    stop();
    found(late);
  };
  const first = server();
  if (!first) RED.events.on('flows:started', look);
  found(first);
  return stop;
}

export function noServer(): InvalidInputError {
  return new InvalidInputError(
    'NO_SERVER',
    'no server',
    'The MQTT server of this node is not chosen, or its server node is missing or disabled.',
  );
}
