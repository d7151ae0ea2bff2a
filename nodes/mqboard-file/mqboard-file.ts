import type { Node, NodeAPI, NodeDef } from 'node-red';
import { runWorker } from '../shared/worker-node';
import { Filer } from './filer';
import type { FileSettings } from './settings';

type Definition = NodeDef & FileSettings & { server: string };

export = function register(RED: NodeAPI): void {
  function MqboardFile(this: Node, definition: Definition) {
    RED.nodes.createNode(this, definition);
    runWorker(RED, this, definition.server, new Filer(RED, this, definition));
  }

  RED.nodes.registerType('mqboard-file', MqboardFile as never);
};
