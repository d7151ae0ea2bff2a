import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface FlowNode {
  id: string;
  type: string;
  [property: string]: unknown;
}

export interface BrokerPlace {
  host: string;
  port: number;
  /** Path of the authority's certificate. */
  ca: string;
}

const SHOWN = [
  ...['first-light.json', 'logs-and-crashes.json', 'first-update.json', 'several-boards.json'],
  ...['files.json', 'backup-every-night.json'],
];

function read(path: string): FlowNode[] {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** All examples bring the same server along; once is enough. */
function examples(folder: string): FlowNode[] {
  const nodes = SHOWN.flatMap((name) => read(join(folder, name)));
  return [...new Map(nodes.map((node) => [node.id, node])).values()];
}

/**
 * Writes the demo's flows where there are none, and leaves the user's alone. Only where the broker is
 * gets corrected, since it may have got another port than last time.
 */
export function prepareFlows(file: string, examplesFolder: string, broker: BrokerPlace): void {
  const shipped = examples(examplesFolder);
  const server = shipped.find(({ type }) => type === 'mqboard-config');
  const tls = shipped.find(({ type }) => type === 'tls-config');
  const nodes = existsSync(file) ? read(file) : shipped;
  for (const node of nodes) {
    if (node.id === server?.id) Object.assign(node, { host: broker.host, port: `${broker.port}` });
    if (node.id === tls?.id) node.ca = broker.ca;
  }
  writeFileSync(file, `${JSON.stringify(nodes, null, 4)}\n`);
}
