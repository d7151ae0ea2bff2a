import type { NodeAPI } from 'node-red';

/** A text of a node's catalogue; `otherwise` where there is none. `values` fill its placeholders. */
export type Words = (key: string, otherwise: string, values?: Record<string, unknown>) => string;

/** The texts of one type of node, in Node-RED's language. */
export function wordsOf(RED: NodeAPI, type: string): Words {
  return (key, otherwise, values) => {
    const found = RED._(`${type}.${key}`, { ...values, defaultValue: otherwise });
    // A key would be too long to stand below a node.
    return found.endsWith(key) ? otherwise : found;
  };
}
