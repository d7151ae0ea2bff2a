import type { Node, NodeAPI } from 'node-red';
import { awaitServer } from './await-server';
import { type BoardJob, BoardWorker, type Message, type Send, type Work } from './board-worker';
import { wordsOf } from './words';

/** Lets a node do `work` with its messages, through the server node with this id. */
export function runWorker<J extends BoardJob>(
  RED: NodeAPI,
  node: Node,
  serverId: string,
  work: Work<J>,
): void {
  const worker = new BoardWorker(RED, node, wordsOf(RED, node.type), work);
  const stopWaiting = awaitServer(RED, serverId, (server) => worker.use(server));

  node.on('input', (msg, send, done) => {
    void worker.input(msg as Message, send as Send, done);
  });
  node.on('close', (_removed: boolean, done: () => void) => {
    stopWaiting();
    worker.close().finally(done);
  });
}
