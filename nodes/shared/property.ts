import type { Node, NodeAPI, NodeMessageInFlow } from 'node-red';
import { InvalidInputError } from '../../core/index';

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
      // A part of the path is missing in the message: so is its end.
      if (error instanceof TypeError && type === 'msg') resolve(undefined);
      else if (error) reject(error);
      else resolve(result);
    });
  });
}

/**
 * The message with a result in one of its properties; everything else of it is passed on.
 * @throws InvalidInputError when there is no place for it.
 */
export function withResult<M extends object>(
  RED: NodeAPI,
  msg: M,
  property: string,
  result: unknown,
): M {
  const message = Object.assign({}, msg);
  if (RED.util.setMessageProperty(message as never, property || 'payload', result, true)) {
    return message;
  }
  const sentence = `The result cannot be put into msg.${property}: a part of the path is no object.`;
  throw new InvalidInputError('BAD_RESULT', 'bad result property', sentence);
}
