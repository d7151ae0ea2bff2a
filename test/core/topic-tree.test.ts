import assert from 'node:assert/strict';
import fc from 'fast-check';
import { TopicTree } from '../../core/link/topic-tree';
import { topicMatches } from '../../core/protocol/topics';

const level = fc.constantFrom('a', 'b', '', '$sys');
const topics = fc.array(level, { minLength: 1, maxLength: 4 }).map((levels) => levels.join('/'));
const filters = fc
  .tuple(fc.array(fc.oneof(level, fc.constant('+')), { minLength: 1, maxLength: 4 }), fc.boolean())
  .map(([levels, all]) => [...levels, ...(all ? ['#'] : [])].join('/'));

describe('The tree of subscriptions', () => {
  it('finds for a topic the filters that match it, also after others were removed', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(filters, { maxLength: 12 }),
        fc.uniqueArray(filters, { maxLength: 6 }),
        topics,
        (kept, removed, topic) => {
          const tree = new TopicTree<string>();
          for (const filter of [...kept, ...removed]) tree.set(filter, filter);
          for (const filter of removed) tree.delete(filter);
          const left = kept.filter((filter) => !removed.includes(filter));
          const expected = left.filter((filter) => topicMatches(filter, topic));
          assert.deepEqual(tree.match(topic).sort(), expected.sort());
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('keeps nothing of filters that are gone', () => {
    const tree = new TopicTree<number>();
    tree.set('a/+/c', 1);
    tree.delete('a/+/c');
    tree.delete('never/there');
    assert.deepEqual(tree, new TopicTree<number>());
  });
});
