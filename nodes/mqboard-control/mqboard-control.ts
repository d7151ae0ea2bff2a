import type { Node, NodeAPI, NodeDef } from 'node-red';
import { runWorker } from '../shared/worker-node';
import { Controller } from './controller';
import type { ControlSettings } from './settings';

type Definition = NodeDef & ControlSettings & { server: string };

export = function register(RED: NodeAPI): void {
  function MqboardControl(this: Node, definition: Definition) {
    RED.nodes.createNode(this, definition);
    runWorker(RED, this, definition.server, new Controller(RED, this, definition));
  }

  RED.nodes.registerType('mqboard-control', MqboardControl as never);
};
