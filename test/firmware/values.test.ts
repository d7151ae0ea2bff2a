import assert from 'node:assert/strict';
import fc from 'fast-check';
import { runPython } from '../support/micropython';
import variables from '../vectors/v2-variables.json';

describe('Values between host and board', () => {
  for (const { name, vars, tagged, python } of variables as Vector[]) {
    it(`arrive as variables: ${name}`, async () => {
      const lines = await runPython(
        `
import json, _input
from mqrepl import evaluate
head = json.loads(_input.head)
evaluate.command(None, head, b"pass")
for name in json.loads(_input.names): print(repr(evaluate.namespace[name]))
`,
        {
          input: {
            head: JSON.stringify({ vars, tagged: tagged ?? false }),
            names: JSON.stringify(Object.keys(python)),
          },
        },
      );
      const shown = Object.values(python);
      // Python has two ways to write a quote in a string; MicroPython escapes.
      assert.deepEqual(lines, shown);
    });
  }

  it('are refused with a tag that nobody knows', async () => {
    await assert.rejects(
      runPython(`from mqrepl.tagged import decode\ndecode({"$mqb": "date", "v": 1})`),
      /ValueError: variable with the unknown tag 'date'/,
    );
  });

  it('of long text come in slices that make up its repr', async () => {
    const piece = fc.constantFrom("'", '"', '\\', '\n', 'é', '\u{1f600}', 'a', 'long words ');
    const text = fc.array(piece, { minLength: 0, maxLength: 400 }).map((pieces) => pieces.join(''));
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 10, maxLength: 30 }), async (texts) => {
        const lines = await runPython(
          `
import io, json, _input
from mqrepl.long_text import write
for text in json.loads(_input.texts):
    for value in (text, text.encode()):
        stream = io.BytesIO()
        write(stream, value)
        if stream.getvalue() != repr(value).encode(): print(repr(value))
print("done")
`,
          { input: { texts: JSON.stringify(texts) } },
        );
        assert.deepEqual(lines, ['done']);
      }),
      { numRuns: 5 },
    );
  });
});

interface Vector {
  name: string;
  vars: Record<string, unknown>;
  tagged?: boolean;
  python: Record<string, string>;
}
