import type { RequestListener } from 'node:http';
import inject from '@node-red/nodes/core/common/20-inject.js';
import functionNode from '@node-red/nodes/core/function/10-function.js';
import switchNode from '@node-red/nodes/core/function/10-switch.js';
import change from '@node-red/nodes/core/function/15-change.js';
import template from '@node-red/nodes/core/function/80-template.js';
import trigger from '@node-red/nodes/core/function/89-trigger.js';
import httpIn from '@node-red/nodes/core/network/21-httpin.js';
import split from '@node-red/nodes/core/sequence/17-split.js';
import file from '@node-red/nodes/core/storage/10-file.js';
import watch from '@node-red/nodes/core/storage/23-watch.js';
import { connected, loadFlow, status } from './flow';
import { examples } from './node-files';

const CORE = [
  inject,
  switchNode,
  trigger,
  split,
  watch,
  change,
  functionNode,
  template,
  httpIn,
  file,
];

export interface ExampleOptions {
  /** Where the broker is, which everybody has to change who imports it. */
  url: string;
  /** Values of the tab's variables. */
  env?: Record<string, string>;
  /** Properties of nodes, by their names. */
  nodes?: Record<string, object>;
}

/** Where Node-RED puts the pages of its http nodes, as of the last example; for a server of a test. */
export let pages: RequestListener | undefined;

function keepPages(RED: unknown): void {
  pages = (RED as { httpNode: RequestListener }).httpNode;
}

/** Loads an example as somebody has it who imported it. Returns the ids of its nodes, by their names. */
export async function loadExample(
  name: string,
  { url, env = {}, nodes = {} }: ExampleOptions,
): Promise<(name: string) => string> {
  const flow = structuredClone(examples().get(name)) ?? [];
  const ids = new Map<string, string>();
  for (const one of flow) {
    if (one.name) ids.set(`${one.name}`, one.id);
    if (one.type === 'mqboard-config') Object.assign(one, { host: url, tls: '' });
    if (one.type === 'debug') one.type = 'helper';
    Object.assign(one, nodes[`${one.name}`]);
    for (const variable of (one.env ?? []) as Array<{ name: string; value: string }>) {
      variable.value = env[variable.name] ?? variable.value;
    }
  }
  const shown = flow.filter(({ type }) => type !== 'tls-config' && type !== 'comment');
  await loadFlow(shown as never, {}, [keepPages, ...CORE]);
  for (const { id, type } of shown) if (type === 'mqboard-file') await status(id, connected);
  return (wanted) => ids.get(wanted) ?? '';
}
