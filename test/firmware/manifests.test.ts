import assert from 'node:assert/strict';
import { runPython } from '../support/micropython';
import { manifests } from '../support/vectors';

const SCRIPT = `
import json
from releases import manifest, slots
print(json.dumps(slots.head("/manifest")))
for sha, size, path in slots.files("/manifest"):
    print(sha, size, path)
walk = manifest.Walk("/manifest")
print(all([walk.find(path) for _, _, path in slots.files("/manifest")]))
`;

describe('A manifest, on the board', () => {
  for (const { name, manifest, text } of manifests()) {
    it(`is read as the host means it, in the order of the host: ${name}`, async () => {
      const [head = '', ...lines] = await runPython(SCRIPT, { files: { '/manifest': text } });
      const { files, ...rest } = manifest;
      assert.deepEqual(JSON.parse(head), rest);
      assert.equal(lines.pop(), 'True', 'found beside itself: the order is the same');
      assert.deepEqual(
        lines,
        files.map(({ sha256, size, path }) => `${sha256} ${size} ${path}`),
      );
    });
  }
});
