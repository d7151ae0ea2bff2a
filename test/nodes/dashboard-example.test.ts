import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface FlowNode {
  id: string;
  type: string;
  name: string;
  func: string;
  format: string;
  wires?: string[][];
  [property: string]: unknown;
}

const nodes: FlowNode[] = JSON.parse(
  readFileSync(join(__dirname, '../../examples-dashboard/boards.json'), 'utf8'),
);

/** A function node with the memory that Node-RED gives it. */
function functionNode(name: string): (payload: object) => Array<Record<string, unknown>> {
  const code = nodes.find((node) => node.type === 'function' && node.name === name)?.func;
  assert.ok(code, name);
  const memory = new Map<string, unknown>();
  const context = {
    get: (key: string) => structuredClone(memory.get(key)),
    set: (key: string, value: unknown) => void memory.set(key, structuredClone(value)),
  };
  const run = new Function('msg', 'context', code);
  return (payload) => run({ payload }, context).payload;
}

describe('The dashboard of all boards', () => {
  it('is wired to what is there, and every part has its place', () => {
    const ids = new Set(nodes.map(({ id }) => id));
    assert.equal(ids.size, nodes.length);
    for (const { name, wires = [], group, page, ui, theme, server } of nodes) {
      const named = [...wires.flat(), group, page, ui, theme, server].filter(Boolean);
      for (const id of named) assert.ok(ids.has(`${id}`), `${name}: ${id}`);
    }
  });

  it('has a row for each board, with what was last said of it', () => {
    const take = functionNode('table of boards');
    const at = new Date();
    const info = { machine: 'ESP32', fw: '0.1.0', reset: 'power' };
    take({ board: 'b', event: 'online', at, info, already: true });
    take({ board: 'a', event: 'offline', at, info: { ...info, reset: 'crash', reason: 'no' } });
    take({ board: 'b', at, up: 5, free: 100_400, rssi: -60 });
    take({ board: 'b', event: 'booted', at, reset: 'intended', reason: 'new' });
    const rows = take({ board: 'c', at, up: 5, free: 90_000 });
    assert.deepEqual(
      rows.map(({ board, state, free, rssi, start }) => [board, state, free, rssi, start]),
      [
        ['a', 'offline', undefined, undefined, 'crash: no'],
        ['b', 'online', '100 kB', '-60 dBm', 'intended: new'],
        ['c', 'online', '90 kB', '', undefined],
      ],
    );
  });

  it('keeps the newest lines and crashes, the newest first, and no more than it says', () => {
    const log = functionNode('newest lines');
    const crash = functionNode('last crashes');
    let [lines, crashes] = [log({}), [] as Array<Record<string, unknown>>];
    const exception = { type: 'ValueError', message: 'too hot\nreally' };
    for (let count = 1; count <= 250; count++) {
      lines = log({ board: 'a', time: new Date(), name: 'main', message: `line ${count}` });
      crashes = crash({ board: 'a', last: new Date(), kind: 'exception', exception, count });
    }
    assert.deepEqual([lines.length, lines[0]?.message], [200, 'line 250']);
    assert.equal(new Set(lines.map(({ number }) => number)).size, 200);
    const { what, count } = crashes[0] ?? {};
    assert.deepEqual([crashes.length, what, count], [20, 'ValueError: too hot', 250]);
    const [{ what: hang } = { what: '' }] = crash({ board: 'a', last: new Date(), kind: 'hang' });
    assert.equal(hang, 'hang');
  });

  it('asks of messages and columns only what is there', () => {
    const columns = (name: string) => {
      const table = nodes.find((node) => node.type === 'ui-table' && node.name === name);
      assert.ok(table, name);
      return (table.columns as Array<{ key: string }>).map(({ key }) => key);
    };
    const info = { machine: 'ESP32', fw: '1', reset: 'power' };
    const take = functionNode('table of boards');
    take({ board: 'a', event: 'online', at: new Date(), info });
    const [row] = take({ board: 'a', free: 1, rssi: -1 });
    const exception = { type: 'E', message: '' };
    const crash = { board: 'a', last: new Date(), exception, where: 'task', count: 1 };
    const [crashed] = functionNode('last crashes')(crash);
    for (const [name, shown] of [
      ['boards', row],
      ['last crashes', crashed],
    ] as const) {
      assert.deepEqual(
        columns(name).filter((key) => !(key in (shown ?? {}))),
        [],
      );
    }
  });
});
