import { once } from 'node:events';
import type { Node } from 'node-red';
import helper from 'node-red-node-test-helper';
import mqboardConfig from '../../../nodes/mqboard-config/mqboard-config';
import mqboardControl from '../../../nodes/mqboard-control/mqboard-control';
import mqboardEval from '../../../nodes/mqboard-eval/mqboard-eval';
import mqboardFile from '../../../nodes/mqboard-file/mqboard-file';
import mqboardLog from '../../../nodes/mqboard-log/mqboard-log';
import mqboardOta from '../../../nodes/mqboard-ota/mqboard-ota';

helper.init(require.resolve('node-red'));

export { helper };

type Flow = Array<Record<string, unknown> & { id: string; type: string }>;
export type Received = Record<string, unknown> & { payload?: unknown };

// Node-RED takes a node without a place on the canvas for a config node.
const PLACE = { x: 100, y: 100 };

/** A server node for the broker at this URL. */
export function serverNode(url: string, more: object = {}) {
  return { id: 'server', type: 'mqboard-config', host: url, timeout: '5', ...more };
}

/** An eval node of its own tab, whose result goes to the node `out`. */
export function evalNode(more: object = {}) {
  return {
    id: 'eval',
    type: 'mqboard-eval',
    z: 'tab',
    server: 'server',
    board: 'shed',
    boardType: 'str',
    code: '45+876',
    source: '',
    sourceType: 'code',
    variables: [],
    timeout: '',
    result: 'payload',
    resultAs: 'value',
    live: false,
    ...PLACE,
    wires: [['out'], ['live']],
    ...more,
  };
}

/** A file node of its own tab, whose result goes to the node `out`, its progress to `live`. */
export function fileNode(more: object = {}) {
  return {
    id: 'file',
    type: 'mqboard-file',
    z: 'tab',
    server: 'server',
    board: 'shed',
    boardType: 'str',
    action: 'get',
    path: '/a.txt',
    pathType: 'str',
    to: '',
    toType: 'str',
    putFrom: 'value',
    syncFrom: 'folder',
    content: 'payload',
    contentType: 'msg',
    into: 'text',
    local: '',
    localType: 'str',
    root: '',
    parents: true,
    compress: true,
    what: 'file',
    recursive: false,
    hashes: false,
    dryRun: false,
    extra: false,
    ignore: '',
    mpy: false,
    result: 'payload',
    timeout: '',
    progress: true,
    outputs: 2,
    ...PLACE,
    wires: [['out'], ['live']],
    ...more,
  };
}

/** A control node of its own tab, whose result goes to the node `out`. */
export function controlNode(more: object = {}) {
  return {
    id: 'control',
    type: 'mqboard-control',
    z: 'tab',
    server: 'server',
    board: 'shed',
    boardType: 'str',
    action: 'normal',
    level: 'info',
    levelType: 'level',
    interval: '60',
    intervalType: 'num',
    every: '900',
    everyType: 'num',
    awake: '60',
    awakeType: 'num',
    slot: 'app',
    why: '',
    whyType: 'str',
    wait: true,
    keep: false,
    result: 'payload',
    timeout: '',
    ...PLACE,
    wires: [['out']],
    ...more,
  };
}

/** An update node of its own tab: its results go to the node `out`, its progress to `live`. */
export function otaNode(more: object = {}) {
  return {
    id: 'ota',
    type: 'mqboard-ota',
    z: 'tab',
    server: 'server',
    what: 'app',
    from: 'value',
    content: 'payload',
    contentType: 'msg',
    local: '',
    localType: 'str',
    root: '',
    url: '',
    urlType: 'str',
    release: 'heating',
    version: '',
    versionType: 'str',
    to: '',
    ignore: '',
    mpy: false,
    partial: false,
    needs: '',
    needsType: 'json',
    board: 'shed',
    boardType: 'str',
    chip: '',
    machine: '',
    below: '',
    tag: '',
    wake: false,
    deadline: '',
    canaries: '',
    waves: '',
    wait: '',
    atOnce: '',
    stopFailed: '',
    stopPercent: '',
    stopAtLeast: '',
    retries: '0',
    quarantine: '',
    progress: true,
    outputs: 2,
    ...PLACE,
    wires: [['out'], ['live']],
    ...more,
  };
}

/** A log node of its own tab; its outputs go to the nodes `records`, `crashes`, `sysinfo` and `presence`. */
export function logNode(more: object = {}) {
  return {
    id: 'log',
    type: 'mqboard-log',
    z: 'tab',
    server: 'server',
    boards: '',
    records: true,
    crashes: true,
    sysinfo: true,
    presence: true,
    level: 'debug',
    loggers: '',
    coalesce: '10',
    limit: '',
    ...PLACE,
    wires: OUTPUTS.map((id) => [id]),
    ...more,
  };
}

/** The ends behind the four outputs of a log node. */
export const OUTPUTS = ['records', 'crashes', 'sysinfo', 'presence'];

export function logEnds(): Flow {
  return OUTPUTS.map((id) => ({ id, type: 'helper', z: 'tab', ...PLACE, wires: [] })) as Flow;
}

/** Nodes around the node that is tested: its two ends, and a catch node that is wired to `caught`. */
export function surroundings(): Flow {
  return [
    { id: 'tab', type: 'tab', label: 'test' },
    { id: 'out', type: 'helper', z: 'tab', ...PLACE, wires: [] },
    { id: 'live', type: 'helper', z: 'tab', ...PLACE, wires: [] },
    { id: 'catch', type: 'catch', z: 'tab', scope: null, ...PLACE, wires: [['caught']] },
    { id: 'caught', type: 'helper', z: 'tab', ...PLACE, wires: [] },
  ] as Flow;
}

export async function loadFlow(flow: Flow, credentials: object = {}, extra: unknown[] = []) {
  const own = [mqboardConfig, mqboardEval, mqboardFile, mqboardLog, mqboardControl, mqboardOta];
  const nodes = [...own, ...extra];
  await helper.load(nodes as never, flow as never, credentials as never);
}

export function node(id: string): Node & { receive(msg: object): void } {
  return helper.getNode(id) as never;
}

/** The next message that a helper node gets; `signal` ends the waiting. */
export function next(id: string, signal?: AbortSignal): Promise<Received> {
  return new Promise((resolve, reject) => {
    // Node-RED forgets a listener only by itself, not by what `once` makes of it.
    const listen = (msg: Received) => {
      node(id)?.off('input', listen as never);
      resolve(msg);
    };
    node(id).on('input', listen as never);
    signal?.addEventListener('abort', () => {
      node(id)?.off('input', listen as never);
      reject(signal.reason);
    });
  });
}

/** The next `count` messages that a helper node gets. */
export function nextMany(id: string, count: number): Promise<Received[]> {
  return new Promise((resolve) => {
    const got: Received[] = [];
    const listen = (msg: Received) => {
      got.push(msg);
      if (got.length < count) return;
      node(id).off('input', listen as never);
      resolve(got);
    };
    node(id).on('input', listen as never);
  });
}

interface Shown {
  fill?: string;
  shape?: string;
  text?: string;
}

/** What the node shows now. */
export function lastStatus(id: string): Shown {
  const { args, thisValues } = node(id).status as unknown as Record<string, unknown[]>;
  const place = thisValues?.lastIndexOf(node(id)) ?? -1;
  return ((args?.[place] as unknown[])?.[0] ?? {}) as Shown;
}

/** Resolves when the node shows a status that `wanted` accepts, the present one included. */
export async function status(id: string, wanted: (status: Shown) => boolean): Promise<Shown> {
  while (!wanted(lastStatus(id))) await once(node(id), 'call:status');
  return lastStatus(id);
}

export const connected = ({ text }: Shown) => text === 'node-red:common.status.connected';

/** Deploys as the editor's "modified nodes" does: what did not change goes on running. */
export async function deployModified(flow: Flow, credentials: object = {}): Promise<void> {
  const { _redNodes, _events } = helper as unknown as {
    _redNodes: { setFlows(flow: Flow, credentials: object, type: string): Promise<unknown> };
    _events: NodeJS.EventEmitter;
  };
  const started = once(_events, 'flows:started');
  await _redNodes.setFlows(flow, credentials, 'nodes');
  await started;
}
