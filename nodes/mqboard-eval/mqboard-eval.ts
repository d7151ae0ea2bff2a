import type { Node, NodeAPI, NodeDef } from 'node-red';
import type { ServerNode } from '../shared/server-node';
import { type EvalSettings, Evaluator, type Message, type Send } from './evaluator';

type Definition = NodeDef & EvalSettings & { server: string };

export = function register(RED: NodeAPI): void {
  function MqboardEval(this: Node, definition: Definition) {
    RED.nodes.createNode(this, definition);
    const server = () => RED.nodes.getNode(definition.server) as ServerNode | null;
    const evaluator = new Evaluator(RED, this, definition, server());

    // A deploy that brings the missing server leaves a node that did not change as it is.
    const look = () => {
      const found = server();
      if (!found) return;
      RED.events.off('flows:started', look);
      evaluator.useServer(found);
    };
    if (!server()) RED.events.on('flows:started', look);

    this.on('input', (msg, send, done) => {
      void evaluator.input(msg as Message, send as Send, done);
    });
    this.on('close', (_removed: boolean, done: () => void) => {
      RED.events.off('flows:started', look);
      evaluator.close().finally(done);
    });
    evaluator.open();
  }

  RED.nodes.registerType('mqboard-eval', MqboardEval as never);
};
