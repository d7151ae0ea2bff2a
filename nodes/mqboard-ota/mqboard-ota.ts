import type { Node, NodeAPI, NodeDef } from 'node-red';
import { awaitServer } from '../shared/await-server';
import type { Message, Send } from '../shared/board-worker';
import { Roller } from './roller';
import type { OtaSettings } from './settings';

type Definition = NodeDef & OtaSettings & { server: string };

export = function register(RED: NodeAPI): void {
  function MqboardOta(this: Node, definition: Definition) {
    RED.nodes.createNode(this, definition);
    const roller = new Roller(RED, this, definition);
    const stopWaiting = awaitServer(RED, definition.server, (server) => roller.use(server));

    this.on('input', (msg, send, done) => {
      void roller.input(msg as Message, send as Send, done);
    });
    this.on('close', (removed: boolean, done: () => void) => {
      stopWaiting();
      roller.close(removed).finally(done);
    });
  }

  RED.nodes.registerType('mqboard-ota', MqboardOta as never);
};
