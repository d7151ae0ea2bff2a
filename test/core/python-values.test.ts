import assert from 'node:assert/strict';
import fc from 'fast-check';
import { pythonToJs } from '../../core/index';
import { runPython } from '../support/micropython';
import { canonical, samples } from './python-samples';

const SCRIPT = `
import json, _input
from struct import unpack
for source in json.loads(_input.sources): print(repr(eval(source)))
`;

describe('What repr() says on the board', () => {
  it('becomes the same value here, for whatever MicroPython can write', async () => {
    const many = fc.array(samples, { minLength: 200, maxLength: 200, size: 'max' });
    await fc.assert(
      fc.asyncProperty(many, async (values) => {
        const sources = JSON.stringify(values.map(({ python }) => python));
        const lines = await runPython(SCRIPT, { input: { sources } });
        assert.equal(lines.length, values.length);
        for (const [index, { js }] of values.entries()) {
          const line = lines[index] ?? '';
          assert.equal(canonical(pythonToJs(line)), canonical(js), line);
        }
      }),
      { numRuns: 4, endOnFailure: true },
    );
  });

  const cases: Array<[string, unknown]> = [
    ['9007199254740991', 9007199254740991],
    ['9007199254740992', 9007199254740992n],
    ['-123456789012345678901', -123456789012345678901n],
    ['1e+20', 1e20],
    ['-0.0', -0],
    ['(1,)', [1]],
    ['()', []],
    ['set()', new Set()],
    ['frozenset({1, 2})', new Set([1, 2])],
    ["OrderedDict({'a': 1})", { a: 1 }],
    ['{1: 2}', new Map([[1, 2]])],
    ["bytearray(b'\\x00')", Buffer.from([0])],
    ["'\\u20ac \\U0001f600'", '€ 😀'],
    [`"it's"`, "it's"],
    ["'it\\'s'", "it's"],
  ];
  for (const [text, value] of cases) {
    it(`reads ${text}`, () => assert.deepEqual(pythonToJs(text), value));
  }

  const texts = [
    '',
    ' 1',
    '1 ',
    '1j',
    '(1+2j)',
    'range(0, 3)',
    '<object at 7f>',
    "[1, <class 'int'>]",
    "{'a': <function>}",
    'Point(x=1, y=2)',
    "array('i', [1, 2])",
    'OrderedDict(None)',
    'set([1])',
    'frozenset(None)',
    "'open",
    "'\\xZZ'",
    "'\\U00110000'",
    "b'€'",
    '[1, 2',
    '[1 2]',
    '[,]',
    '{1: 2, 3}',
    '1_000',
    '921\n',
    'hello',
  ];
  for (const text of texts) {
    it(`leaves ${JSON.stringify(text)} as text`, () => assert.equal(pythonToJs(text), text));
  }

  it('leaves text that is nested too deep, and does not overflow', () => {
    for (const open of ['[', '(', '{', '{1: ', 'frozenset(', 'OrderedDict(']) {
      const text = open.repeat(200_000);
      assert.equal(pythonToJs(text), text);
    }
  });

  it('takes a key named __proto__ for a key like any other', () => {
    const value = pythonToJs("{'__proto__': {'polluted': True}}") as object;
    assert.equal(Object.getPrototypeOf(value), Object.prototype);
    assert.deepEqual(Object.keys(value), ['__proto__']);
    assert.equal(({} as { polluted?: boolean }).polluted, undefined);
  });

  it('never throws, whatever the text is', () => {
    const alphabet = [
      ...'[](){}\'",:\\ bxuU019.-e',
      'None',
      'True',
      'set(',
      'bytearray(',
      'inf',
      '\n',
    ];
    const garbage = fc.array(fc.constantFrom(...alphabet), { maxLength: 30 });
    fc.assert(
      fc.property(
        fc.oneof(
          garbage.map((pieces) => pieces.join('')),
          fc.string(),
        ),
        (text) => {
          const value = pythonToJs(text);
          assert.notEqual(value, undefined);
        },
      ),
      { numRuns: 5000 },
    );
  });

  it('is read in time that grows with its length only', () => {
    const long = [
      `'${'\\x00'.repeat(300_000)}'`,
      `[${'1, '.repeat(300_000)}`,
      `'${'a'.repeat(1_000_000)}`,
      '9'.repeat(100_000),
    ];
    for (const text of long) pythonToJs(text);
  }).timeout(5_000);
});
