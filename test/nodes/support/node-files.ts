import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(__dirname, '..', '..', '..');

interface Manifest {
  bin: Record<string, string>;
  name: string;
  license: string;
  keywords: string[];
  repository?: object;
  bugs?: object;
  files: string[];
  engines: { node: string };
  dependencies: Record<string, string>;
  'node-red': { version: string; nodes: Record<string, string> };
}

export const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;

/** The types of all nodes that the package registers. */
export const types = Object.keys(manifest['node-red'].nodes);

export const languages = ['en-US', 'de'];

export function nodeFile(type: string, ...path: string[]): string {
  return join(root, 'nodes', type, ...path);
}

export function dialog(type: string): string {
  return readFileSync(nodeFile(type, `${type}.html`), 'utf8');
}

/** What the dialogs share, as the editor loads it. */
export const sharedDialogs = readFileSync(join(root, 'resources', 'dialogs.js'), 'utf8');

/** The list of known boards in the dialogs. */
export const knownBoards = readFileSync(join(root, 'resources', 'known-boards.js'), 'utf8');

/** The texts of a node in one language, by their whole keys. */
export function texts(type: string, language: string): Map<string, string> {
  const catalogue = readFileSync(nodeFile(type, 'locales', language, `${type}.json`), 'utf8');
  return new Map(flatten(JSON.parse(catalogue), ''));
}

function flatten(value: object | string, path: string): Array<[string, string]> {
  if (typeof value === 'string') return [[path, value]];
  return Object.entries(value).flatMap(([key, below]) =>
    flatten(below, path ? `${path}.${key}` : key),
  );
}

/** The compiled-from sources of a node and of what nodes share. */
export function sources(type: string): string {
  return [nodeFile(type), join(root, 'nodes', 'shared')]
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .filter((path) => path.endsWith('.ts'))
    .map((path) => readFileSync(path, 'utf8'))
    .join('\n');
}

interface FlowNode {
  id: string;
  type: string;
  [property: string]: unknown;
}

export function examples(): Map<string, FlowNode[]> {
  const folder = join(root, 'examples');
  return new Map(
    readdirSync(folder).map((name) => [name, JSON.parse(readFileSync(join(folder, name), 'utf8'))]),
  );
}
