import type { Node, NodeAPI, NodeMessageInFlow } from 'node-red';

/**
 * The value of a typed input: a text, a property of the message, of the flow's or the global context,
 * an environment variable, JSON, a JSONata expression, ...
 */
export function typedValue(
  RED: NodeAPI,
  node: Node,
  type: string,
  value: string,
  msg: NodeMessageInFlow,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    if (type === 'jsonata') {
      const expression = RED.util.prepareJSONataExpression(value, node);
      RED.util.evaluateJSONataExpression(expression, msg, (error, result) => {
        if (error) reject(error);
        else resolve(result);
      });
      return;
    }
    RED.util.evaluateNodeProperty(value, type, node, msg, (error, result) => {
      if (error) reject(error);
      else resolve(result);
    });
  });
}
