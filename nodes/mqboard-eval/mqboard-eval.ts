import type { Node, NodeAPI, NodeDef } from 'node-red';
import { runWorker } from '../shared/worker-node';
import { type EvalSettings, Evaluator } from './evaluator';

type Definition = NodeDef & EvalSettings & { server: string };

export = function register(RED: NodeAPI): void {
  function MqboardEval(this: Node, definition: Definition) {
    RED.nodes.createNode(this, definition);
    runWorker(RED, this, definition.server, new Evaluator(RED, this, definition));
  }

  RED.nodes.registerType('mqboard-eval', MqboardEval as never);
};
