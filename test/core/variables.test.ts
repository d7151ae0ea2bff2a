import assert from 'node:assert/strict';
import { encodeVariables } from '../../core/protocol/variables';

describe('Variables for the code on the board', () => {
  it('are made of what JSON has, undefined being None and a Date its text', () => {
    const date = new Date(0);
    const variables = { a: undefined, b: date, c: new Set([1]), d: new Map([['k', null]]) };
    assert.deepEqual(encodeVariables(variables), {
      vars: { a: null, b: '1970-01-01T00:00:00.000Z', c: [1], d: { k: null } },
    });
  });

  it('send any view of bytes as those bytes alone', () => {
    const view = new Uint8Array(Buffer.from('abcdef').buffer.slice(0)).subarray(0, 0);
    assert.deepEqual(encodeVariables({ view }).vars, { view: { $mqb: 'bytes', v: '' } });
    const part = Buffer.from('abcdef').subarray(1, 3);
    assert.deepEqual(encodeVariables({ part }).vars, { part: { $mqb: 'bytes', v: 'YmM=' } });
  });

  it('are left out of the command when there are none', () => {
    assert.deepEqual(encodeVariables({}), {});
    assert.deepEqual(encodeVariables(), {});
  });

  it('may hold the same object twice, side by side', () => {
    const shared = { a: 1 };
    assert.deepEqual(encodeVariables({ x: [shared, shared] }).vars, { x: [{ a: 1 }, { a: 1 }] });
  });

  it('keep a key named __proto__ as a key', () => {
    const vars = encodeVariables({ x: JSON.parse('{"__proto__": {"a": 1}}') }).vars;
    assert.equal(JSON.stringify(vars), '{"x":{"__proto__":{"a":1}}}');
  });

  const circle: unknown[] = [];
  circle.push({ circle });
  let deep: unknown = 1;
  for (let level = 0; level < 1000; level++) deep = [deep];
  const refused: Array<[string, Record<string, unknown>, RegExp]> = [
    ['a name that Python cannot have', { 'a-b': 1 }, /"a-b" .* not a name in Python/],
    ['a name that is a keyword', { lambda: 1 }, /"lambda"/],
    ['a function', { f: { g: [() => 1] } }, /f\.g\[0\] is a function/],
    ['a symbol', { s: Symbol('s') }, /s is a symbol/],
    ['a value that contains itself', { circle }, /circle\[0\]\.circle contains itself/],
    ['a value that is nested too deep', { deep }, /deeper than 20 levels/],
    ['a Map with keys that are no strings', { m: new Map([[1, 2]]) }, /m has a key that is not/],
  ];
  for (const [what, variables, words] of refused) {
    it(`are refused with ${what}, and the error names it`, () => {
      assert.throws(() => encodeVariables(variables), {
        name: 'InvalidInputError',
        code: 'BAD_VARIABLE',
        message: words,
      });
    });
  }
});
