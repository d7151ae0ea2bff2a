import assert from 'node:assert/strict';
import { checkPrefix } from '../../core/index';
import { topicMatches } from '../../core/protocol/topics';

describe('A board prefix', () => {
  for (const prefix of ['a', 'esp32/test', 'a//b', 'Küche/Ofen 1']) {
    it(`may be ${JSON.stringify(prefix)}`, () => assert.equal(checkPrefix(prefix), prefix));
  }

  const refused: Array<[unknown, RegExp]> = [
    ['', /missing.*like esp32\/test/],
    [undefined, /missing/],
    [42, /missing/],
    ['a/+', /"a\/\+" holds "\+"/],
    ['#', /holds "#"/],
    ['a\0b', /does not allow/],
    ['a\ud800', /does not allow/],
    ['/a', /neither begin nor end/],
    ['a/', /neither begin nor end/],
    ['$SYS/a', /belongs to the broker/],
    ['a'.repeat(65_000), /too long/],
  ];
  for (const [prefix, words] of refused) {
    const shown = String(JSON.stringify(prefix)).slice(0, 20);
    it(`cannot be ${shown}, and the error says why`, () => {
      assert.throws(() => checkPrefix(prefix), { code: 'BAD_PREFIX', message: words });
    });
  }
});

describe('A subscription filter', () => {
  const matching: Array<[string, string, boolean]> = [
    ['a/b', 'a/b', true],
    ['a/b', 'a/b/c', false],
    ['a/+', 'a/b', true],
    ['a/+', 'a', false],
    ['a/+', 'a/b/c', false],
    ['a/#', 'a', true],
    ['a/#', 'a/b/c', true],
    ['#', 'a/b', true],
    ['#', '$SYS/a', false],
    ['+/a', '$SYS/a', false],
    ['+/+', '/a', true],
  ];
  for (const [filter, topic, expected] of matching) {
    it(`${filter} ${expected ? 'receives' : 'does not receive'} ${topic}`, () => {
      assert.equal(topicMatches(filter, topic), expected);
    });
  }
});
