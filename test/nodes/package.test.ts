import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { dialog, examples, manifest, nodeFile, root, types } from './support/node-files';

/** What comes with Node-RED itself, and may therefore appear in an example. */
const CORE = new Set([
  'tab',
  'comment',
  'inject',
  'debug',
  'catch',
  'tls-config',
  'split',
  'switch',
  'watch',
  'trigger',
  'change',
  'function',
  'http in',
  'http response',
  'template',
  'file in',
]);
/** Names that Node-RED uses for itself; `outputs` is how a node tells that it has more than one. */
const RESERVED = /^(.|id|type|wires|inputs)$/;

/** What `RED.nodes.registerType` was given by the script of a dialog. */
interface Definition {
  category: string;
  color?: string;
  icon?: string;
  defaults: Record<string, { value?: unknown }>;
}

function definitionOf(type: string): Definition {
  const script = /<script type="text\/javascript">([\s\S]*?)<\/script>/.exec(dialog(type))?.[1];
  assert.ok(script, 'a script with type="text/javascript"');
  const found: Definition[] = [];
  const RED = {
    nodes: {
      registerType: (name: string, definition: Definition) => {
        assert.equal(name, type);
        found.push(definition);
      },
    },
  };
  new Function('RED', '$', script)(RED, () => undefined);
  const [definition] = found;
  assert.ok(definition);
  return definition;
}

describe("The package, by the catalogue's scorecard", () => {
  it('has a licence, a place for its issues, a scoped name and the keyword', () => {
    assert.equal(manifest.license, 'MIT');
    assert.ok(manifest.repository || manifest.bugs);
    assert.match(manifest.name, /^@[\w-]+\/[\w-]+$/);
    assert.ok(manifest.keywords.includes('node-red'));
  });

  it('says which Node-RED and which Node.js it needs, and Node.js 22.9 is among them', () => {
    assert.equal(manifest['node-red'].version, '>=4.0.0');
    assert.equal(manifest.engines.node, '>=20');
  });

  it('has no more than six dependencies at run time', () => {
    assert.ok(Object.keys(manifest.dependencies).length <= 6);
  });

  it('has an example for every node, with nodes of its own and of Node-RED only', () => {
    const shown = new Set<string>();
    for (const [name, nodes] of examples()) {
      assert.match(name, /\.json$/);
      assert.ok(Array.isArray(nodes), name);
      const ids = nodes.map(({ id }) => id);
      assert.equal(new Set(ids).size, ids.length, `${name}: ids are unique`);
      for (const { type } of nodes) {
        assert.ok(CORE.has(type) || types.includes(type), `${name} holds ${type}`);
        shown.add(type);
      }
    }
    for (const type of types) assert.ok(shown.has(type), `an example with ${type}`);
  });

  it('has examples whose nodes hold nothing but what their dialogs know', () => {
    for (const [name, nodes] of examples()) {
      for (const node of nodes.filter(({ type }) => types.includes(type))) {
        const known = new Set(['id', 'type', 'z', 'x', 'y', 'wires']);
        for (const property of Object.keys(definitionOf(node.type).defaults)) {
          assert.ok(property in node, `${name}: ${node.id} has no ${property}`);
          known.add(property);
        }
        for (const property of Object.keys(node))
          assert.ok(known.has(property), `${name}: ${property}`);
      }
    }
  });

  it('has examples that can all be imported: they share their server, and no other node', () => {
    const owners = new Map<string, string>();
    for (const [name, nodes] of examples()) {
      for (const { id, type } of nodes) {
        if (type === 'mqboard-config' || type === 'tls-config') continue;
        assert.equal(owners.get(id), undefined, `${name} has a node of`);
        owners.set(id, name);
      }
    }
  });

  it('has examples whose nodes choose what their dialogs offer', () => {
    for (const [name, nodes] of examples()) {
      for (const node of nodes.filter(({ type }) => types.includes(type))) {
        const lists = dialog(node.type).matchAll(
          /<select id="node-input-(\w+)">([\s\S]*?)<\/select>/g,
        );
        for (const [, property = '', list = ''] of lists) {
          const offered = [...list.matchAll(/value="(\w+)"/g)].map(([, value]) => value);
          const chosen = (node as unknown as Record<string, string>)[property];
          assert.ok(offered.includes(chosen), `${name}: ${property} is ${chosen}`);
        }
      }
    }
  });

  it('carries what it needs at run time', () => {
    for (const folder of ['dist/nodes', 'dist/core', 'examples', 'resources']) {
      assert.ok(manifest.files.includes(folder), folder);
    }
  });

  for (const type of types) {
    describe(`with the node ${type}`, () => {
      it('is registered by a literal that a reader of the page finds', () => {
        assert.match(dialog(type), new RegExp(`RED\\.nodes\\.registerType\\('${type}', \\{`));
        const source = readFileSync(nodeFile(type, `${type}.ts`), 'utf8');
        assert.ok(source.includes(`RED.nodes.registerType('${type}'`));
        assert.equal(manifest['node-red'].nodes[type], `dist/nodes/${type}/${type}.js`);
      });

      it('has no property with a name that Node-RED keeps for itself', () => {
        for (const name of Object.keys(definitionOf(type).defaults))
          assert.doesNotMatch(name, RESERVED);
      });

      it('keeps no password in the flow', () => {
        for (const name of Object.keys(definitionOf(type).defaults)) {
          assert.doesNotMatch(name, /pass|secret|token|^user$/i);
        }
      });

      it('has a colour and an icon, if it stands on the canvas', () => {
        const { category, color, icon } = definitionOf(type);
        if (category === 'config') return;
        assert.equal(category, 'mqboard');
        assert.match(color ?? '', /^#[0-9A-F]{6}$/i);
        const svg = readFileSync(nodeFile(type, 'icons', icon ?? ''), 'utf8');
        assert.match(svg, /width="40" height="60"/);
        const colours = svg.match(/#[0-9a-f]{3,6}/gi) ?? [];
        assert.deepEqual(new Set(colours), new Set(['#fff']));
      });

      it("takes its colours in the dialog from the editor's theme", () => {
        const style = /<style>([\s\S]*?)<\/style>/.exec(dialog(type))?.[1] ?? '';
        assert.doesNotMatch(style, /#[0-9a-f]{3,6}\b|rgb|:\s*(black|white|red|green)\b/i);
      });

      it('asks the editor by relative addresses only', () => {
        assert.doesNotMatch(dialog(type), /url: ['"`](\/|https?:)/);
      });
    });
  }

  it('builds commands that can be run, also by an npx that linked an earlier build', () => {
    for (const file of Object.values(manifest.bin)) {
      assert.ok(statSync(join(root, file)).mode & 0o100, file);
    }
  });

  it('gives every icon a name of its own', () => {
    const names = types
      .map((type) => nodeFile(type, 'icons'))
      .filter((folder) => existsSync(folder))
      .flatMap((folder) => readdirSync(folder));
    assert.equal(new Set(names).size, names.length);
    const nodeRed = join(root, 'node_modules', '@node-red', 'nodes', 'icons');
    for (const name of names) assert.equal(existsSync(join(nodeRed, name)), false, name);
  });
});
