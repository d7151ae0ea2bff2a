import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The end of both flows: counts what arrives, and costs next to nothing. */
const COUNTER = {
  'package.json': JSON.stringify({
    name: 'bench-counter',
    version: '1.0.0',
    'node-red': { nodes: { 'bench-counter': 'counter.js' } },
  }),
  'counter.js': `module.exports = (RED) => {
  RED.nodes.registerType('bench-counter', function (definition) {
    RED.nodes.createNode(this, definition);
    globalThis.benchRecords = 0;
    this.on('input', (_msg, _send, done) => { globalThis.benchRecords += 1; done(); });
  });
};`,
  'counter.html': `<script type="text/javascript">
  RED.nodes.registerType('bench-counter', { category: 'bench', defaults: {}, inputs: 1, outputs: 0 });
</script>`,
};

/** What somebody without the package writes into a function node. */
const SPLIT = `const found = /^([CEWID]) (\\S+) +(.*?): ([^]*)$/.exec(msg.payload);
if (!found) return null;
const [, level, time, name, message] = found;
msg.payload = { board: msg.topic.slice(0, -4), level, time, name, message };
return msg;`;

export type FlowName = 'mqboard-log' | 'mqtt in';

/** Fills a user directory with a flow that turns log lines into records, and counts them. */
export function writeFlow(userDir: string, name: FlowName, port: number): void {
  const module = join(userDir, 'node_modules', 'bench-counter');
  mkdirSync(module, { recursive: true });
  for (const [file, text] of Object.entries(COUNTER)) writeFileSync(join(module, file), text);
  const flow = name === 'mqtt in' ? withCoreNodes(port) : withOurNode(port);
  const tab = { id: 'tab', type: 'tab', label: name };
  const counter = { id: 'counter', type: 'bench-counter', z: 'tab', wires: [] };
  writeFileSync(join(userDir, 'flows.json'), JSON.stringify([tab, counter, ...flow]));
}

function withCoreNodes(port: number): object[] {
  const server = { broker: '127.0.0.1', port: String(port), clientid: '', autoConnect: true };
  const settings = { protocolVersion: '4', keepalive: '60', cleansession: true, usetls: false };
  const lines = { topic: '+/+/log', qos: '1', datatype: 'utf8', broker: 'broker', inputs: 0 };
  return [
    { id: 'broker', type: 'mqtt-broker', ...server, ...settings },
    { id: 'in', type: 'mqtt in', z: 'tab', ...lines, wires: [['split']] },
    { id: 'split', type: 'function', z: 'tab', func: SPLIT, outputs: 1, wires: [['counter']] },
  ];
}

function withOurNode(port: number): object[] {
  const server = { host: '127.0.0.1', protocol: 'mqtt', port: String(port), prefix: '' };
  return [
    { id: 'server', type: 'mqboard-config', ...server },
    {
      id: 'log',
      type: 'mqboard-log',
      z: 'tab',
      server: 'server',
      wires: [['counter'], [], [], []],
    },
  ];
}
