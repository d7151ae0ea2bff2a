import assert from 'node:assert/strict';
import fc from 'fast-check';
import { expand, matches, minimal, overlap, type Pattern } from '../../core/fleet/filters';

const pattern: fc.Arbitrary<Pattern> = fc.array(fc.constantFrom('a', 'b', '+'), {
  minLength: 1,
  maxLength: 3,
});
const name: fc.Arbitrary<Pattern> = fc.array(fc.constantFrom('a', 'b', 'c'), {
  minLength: 1,
  maxLength: 3,
});
const written = (patterns: Pattern[]) => patterns.map((levels) => levels.join('/')).sort();

describe('A filter of boards', () => {
  it('stands for names, levels of them, or all to a depth', () => {
    assert.deepEqual(written(expand('site/oven')), ['site/oven']);
    assert.deepEqual(written(expand('site/+/oven')), ['site/+/oven']);
    assert.deepEqual(written(expand('#')), [
      '+',
      '+/+',
      '+/+/+',
      '+/+/+/+',
      '+/+/+/+/+',
      '+/+/+/+/+/+',
    ]);
    assert.deepEqual(written(expand('a/#')).slice(0, 3), ['a', 'a/+', 'a/+/+']);
  });

  for (const filter of [
    '',
    '/a',
    'a/',
    'a+',
    '#/a',
    'a/#/b',
    'a#',
    '$SYS/a',
    'a\0',
    undefined,
    7,
  ]) {
    it(`is not ${JSON.stringify(filter)}`, () => {
      assert.throws(() => expand(filter), { name: 'InvalidInputError', code: 'BAD_FILTER' });
    });
  }
});

describe('The subscriptions for several filters', () => {
  it('are one where one covers the others', () => {
    assert.deepEqual(written(minimal([['a', 'b'], ['a', '+'], ['a', 'b'], ['c']])), ['a/+', 'c']);
  });

  it('are one that covers both where two overlap', () => {
    assert.deepEqual(
      written(
        minimal([
          ['a', '+'],
          ['+', 'b'],
        ]),
      ),
      ['+/+'],
    );
    assert.deepEqual(
      written(
        minimal([
          ['a', '+', 'c'],
          ['a', 'b', '+'],
          ['b', '+', '+'],
        ]),
      ),
      ['a/+/+', 'b/+/+'],
    );
  });

  it('bring each wanted board exactly once', () => {
    fc.assert(
      fc.property(fc.array(pattern, { maxLength: 8 }), name, (patterns, board) => {
        const found = minimal(patterns);
        const times = found.filter((candidate) => matches(candidate, board)).length;
        if (patterns.some((wanted) => matches(wanted, board))) assert.equal(times, 1);
        for (const [index, one] of found.entries()) {
          for (const other of found.slice(index + 1)) assert.ok(!overlap(one, other));
        }
      }),
      { numRuns: 2000 },
    );
  });
});
