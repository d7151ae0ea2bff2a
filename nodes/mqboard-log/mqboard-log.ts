import type { Node, NodeAPI, NodeDef } from 'node-red';
import { awaitServer } from '../shared/await-server';
import { wordsOf } from '../shared/words';
import type { LogSettings } from './settings';
import { Watcher } from './watcher';

type Definition = NodeDef & LogSettings & { server: string };

export = function register(RED: NodeAPI): void {
  function MqboardLog(this: Node, definition: Definition) {
    RED.nodes.createNode(this, definition);
    const watcher = new Watcher(this, wordsOf(RED, this.type), definition);
    const stopWaiting = awaitServer(RED, definition.server, (server) => watcher.use(server));
    this.on('close', (_removed: boolean, done: () => void) => {
      stopWaiting();
      watcher.close().finally(done);
    });
  }

  RED.nodes.registerType('mqboard-log', MqboardLog as never);
};
