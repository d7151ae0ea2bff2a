import type { Node, NodeAPI } from 'node-red';
import { type BoardJob, BoardWorker, type Message, type Send, type Work } from './board-worker';
import type { ServerNode } from './server-node';
import { wordsOf } from './words';

/** Lets a node do `work` with its messages, through the server node with this id. */
export function runWorker<J extends BoardJob>(
  RED: NodeAPI,
  node: Node,
  serverId: string,
  work: Work<J>,
): void {
  const server = () => RED.nodes.getNode(serverId) as ServerNode | null;
  const worker = new BoardWorker(RED, node, wordsOf(RED, node.type), work, server());

  // A deploy that brings the missing server leaves a node that did not change as it is.
  const look = () => {
    const found = server();
    if (!found) return;
    RED.events.off('flows:started', look);
    worker.useServer(found);
  };
  if (!server()) RED.events.on('flows:started', look);

  node.on('input', (msg, send, done) => {
    void worker.input(msg as Message, send as Send, done);
  });
  node.on('close', (_removed: boolean, done: () => void) => {
    RED.events.off('flows:started', look);
    worker.close().finally(done);
  });
  worker.open();
}
