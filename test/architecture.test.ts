import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';

const root = join(__dirname, '..');

const core = ['protocol', 'link', 'board', 'sync', 'release', 'fleet'].map(
  (room) => `core/${room}`,
);

/** What each room may import of ours, itself always included. The plan is drawn in CONTRIBUTING.md. */
const mayImport: Record<string, string[]> = {
  'core/protocol': [],
  'core/link': ['core/protocol'],
  'core/board': ['core/protocol', 'core/link'],
  'core/sync': ['core/protocol', 'core/board'],
  'core/release': ['core/protocol', 'core/board', 'core/sync'],
  'core/fleet': ['core/protocol', 'core/link', 'core/board', 'core/release'],
  core,
  nodes: ['core', ...core],
  // The command that starts a virtual board is the one door from the terminal into the simulator.
  cli: ['core', ...core, 'simulator'],
  simulator: [],
};

/** Packages that only some rooms may touch, so that there is one MQTT client and one Node-RED. */
const keptTo: Record<string, string[]> = {
  mqtt: ['core/link'],
  'node-red': ['nodes'],
  '@micropython/micropython-webassembly-pyscript': ['simulator'],
  yargs: ['cli'],
  picomatch: ['core/sync'],
  '@pybricks/mpy-cross-v6': ['core/sync'],
};

/** The room that a file of the repository belongs to: the longest folder of the plan. */
function roomOf(file: string): string | undefined {
  return Object.keys(mayImport)
    .filter((room) => file.startsWith(`${room}/`))
    .sort((a, b) => b.length - a.length)[0];
}

function importsOf(source: string): string[] {
  const specifier = /(?:\bfrom\s*|\bimport\s*\(\s*|\bimport\s+|\brequire\s*\(\s*)['"]([^'"]+)['"]/g;
  return [...source.matchAll(specifier)].map((match) => match[1] ?? '');
}

/** Why a file may not import something, or undefined when it may. */
function objection(file: string, specifier: string): string | undefined {
  const room = roomOf(file);
  if (room === undefined || specifier.startsWith('node:')) return undefined;
  if (!specifier.startsWith('.')) {
    const owners = Object.entries(keptTo).find(
      ([name]) => specifier.split('/', name.split('/').length).join('/') === name,
    )?.[1];
    if (owners === undefined || owners.some((owner) => room === owner)) return undefined;
    return `${file} (${room}) imports ${specifier}, which is kept to ${owners.join(', ')}`;
  }
  const target = posix.join(posix.dirname(file), specifier);
  const targetRoom = roomOf(`${target}.ts`) ?? posix.dirname(target);
  if (targetRoom === room || mayImport[room]?.includes(targetRoom)) return undefined;
  return `${file} (${room}) imports ${target} (${targetRoom})`;
}

function sourceFiles(): string[] {
  return Object.keys(mayImport)
    .filter((room) => !room.includes('/'))
    .flatMap((room) => readdirSync(join(root, room), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && /\.[cm]?[tj]s$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'));
}

describe('The rooms of the house', () => {
  it('import only what lies below them', () => {
    const objections = sourceFiles().flatMap((file) =>
      importsOf(readFileSync(join(root, file), 'utf8'))
        .map((specifier) => objection(file, specifier))
        .filter((reason) => reason !== undefined),
    );
    assert.deepEqual(objections, []);
  });

  it('are told apart: each forbidden way is objected to', () => {
    const forbidden: [string, string][] = [
      ['core/protocol/topics.ts', '../link/connection'],
      ['core/link/connection.ts', '../board/board'],
      ['core/board/board.ts', '../fleet/registry'],
      ['core/board/board.ts', 'mqtt'],
      ['core/index.ts', '../nodes/mqboard-eval/mqboard-eval'],
      ['core/link/connection.ts', 'node-red'],
      ['nodes/mqboard-eval/mqboard-eval.ts', 'mqtt'],
      ['nodes/mqboard-eval/mqboard-eval.ts', '../../simulator/index'],
      ['simulator/virtual-board.ts', '../core/index'],
      ['simulator/virtual-board.ts', '../demo/certificates'],
      ['cli/main.ts', '../nodes/mqboard-eval/mqboard-eval'],
      ['cli/main.ts', '../test/support/scripted-board'],
    ];
    for (const [file, specifier] of forbidden) {
      assert.notEqual(objection(file, specifier), undefined, `${file} -> ${specifier}`);
    }
  });

  it('leave the allowed ways open', () => {
    const allowed: [string, string][] = [
      ['core/board/board.ts', '../protocol/topics'],
      ['core/link/connection.ts', 'mqtt'],
      ['core/link/connection.ts', './words'],
      ['nodes/mqboard-eval/mqboard-eval.ts', '../../core/index'],
      ['nodes/mqboard-eval/mqboard-eval.ts', 'node-red'],
      ['cli/commands/board.ts', '../../simulator/index'],
      ['core/link/connection.ts', 'node:events'],
    ];
    for (const [file, specifier] of allowed) assert.equal(objection(file, specifier), undefined);
  });
});

describe('The firmware and the simulator', () => {
  it('do not know of each other: no file of the firmware names the simulator', () => {
    const folder = join(root, 'firmware');
    const named = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.py'))
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((file) => /simulat|webassembly|emscripten/i.test(readFileSync(file, 'utf8')))
      .map((file) => relative(dirname(folder), file));
    assert.deepEqual(named, []);
  });
});
