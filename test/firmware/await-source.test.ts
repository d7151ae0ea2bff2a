import assert from 'node:assert/strict';
import fc from 'fast-check';
import { runPython } from '../support/micropython';

/** Runs sources as `eval` does; `seven()` can be awaited and needs no event loop. */
const EVALUATE = `
import io, json, sys, _input
from mqrepl import evaluate, trace

class Answer(io.IOBase):
    def __init__(self):
        self.text = ""
        self.result = None
    def write(self, data):
        self.text += str(data, "utf-8")
        return len(data)
    def value(self, value):
        self.result = repr(value)

async def seven():
    return 7

def run(source):
    evaluate.namespace.clear()
    evaluate.namespace["seven"] = seven
    answer = Answer()
    try:
        coroutine = evaluate.command(answer, {}, source.encode())
        if coroutine:
            try:
                coroutine.send(None)
            except StopIteration:
                pass
    except Exception as e:
        trace.write(answer, e)
    names = sorted(n for n in evaluate.namespace if n not in ("seven", "print", "__builtins__"))
    values = {n: evaluate.namespace[n] for n in names}
    shown = {n: "function" if callable(v) else repr(v) for n, v in values.items()}
    return {"value": answer.result, "text": answer.text, "names": shown}

for source in json.loads(_input.sources):
    print(json.dumps(run(source)))
`;

interface Outcome {
  value: string | null;
  text: string;
  names: Record<string, string>;
}

async function evaluate(...sources: string[]): Promise<Outcome[]> {
  const lines = await runPython(EVALUATE, { input: { sources: JSON.stringify(sources) } });
  return lines.map((line) => JSON.parse(line));
}

async function evaluateOne(source: string): Promise<Outcome> {
  const [outcome] = await evaluate(source);
  assert.ok(outcome);
  return outcome;
}

describe('await at the top level', () => {
  it('gives the value of an expression', async () => {
    const outcomes = await evaluate(
      'await seven()',
      ' await seven() + 1  # a comment',
      '(await seven(),\n await seven())',
      '[x for x in range(await seven()) if x > 4]',
      '(a := await seven())',
      `f"{await seven()}"`,
    );
    assert.deepEqual(
      outcomes.map((outcome) => outcome.value),
      ['7', '8', '(7, 7)', '[5, 6]', '7', "'7'"],
    );
    assert.deepEqual(outcomes[4]?.names, { a: '7' });
  });

  it('lets every kind of assignment persist', async () => {
    const { names, text } = await evaluateOne(`
a = await seven()
b, (c, *d) = 1, (2, 3, 4)
e = f = a
e += 1
for g in range(3): pass
import sys as h, binascii
from time import sleep as i
with open('/stubs/board_config.py') as j: k = 1
def l(m, n=5): o = m; return o
class p: q = 1
try: 1 / 0
except Exception as r: s = 2
é = 'ü'
del b
`);
    assert.equal(text, '');
    const expected = 'a c d e f g h i j k l p s binascii é'.split(' ').sort();
    assert.deepEqual(Object.keys(names).sort(), expected);
    assert.equal(names.a, '7');
    assert.equal(names.d, '[3, 4]');
    assert.equal(names.e, '8');
  });

  it('leaves names inside of functions, classes and comprehensions to them', async () => {
    const { names, text } = await evaluateOne(`
x = 1
def outer(x):
    y = 2
    def inner():
        nonlocal y
        y += x
        return y
    return inner()
z = [x for x in range(9)]
w = (lambda x: x + 1)(5)
class C:
    x = 7
v = outer(3), x, len(z), C.x
await seven()
`);
    assert.equal(text, '');
    assert.equal(names.v, '(5, 1, 9, 7)');
    assert.equal(names.w, '6');
    assert.equal(names.y, undefined);
  });

  it('does not change what stands in strings of several lines', async () => {
    const source = [
      'a = """one',
      "  two \"quotes\" '''and",
      '"""',
      "b = '''",
      '# no comment',
      "\\''' '''",
      "c = 'three\\",
      "four'",
      'd = r"\\"" + "x"; e = b"\\\\"',
      'f = f"{a[0]}\\"{await seven()}"',
      'await seven()',
    ].join('\n');
    const { names, text } = await evaluateOne(source);
    assert.equal(text, '');
    assert.equal(names.a, `'one\\n  two "quotes" \\'\\'\\'and\\n'`);
    assert.equal(names.b, `"\\n# no comment\\n''' "`);
    assert.equal(names.c, `'threefour'`);
    assert.equal(names.d, `'\\\\"x'`);
    assert.equal(names.e, `b'\\\\'`);
    assert.equal(names.f, `'o"7'`);
  });

  it('numbers the lines of a traceback as their author does', async () => {
    const outcomes = await evaluate(
      'await seven()\n\n1/0',
      'x = (await seven(),\n  1/0)',
      'await seven(1,\n2)',
      'def f():\n  raise ValueError("no")\n\nawait seven()\nf()',
    );
    const lines = outcomes.map(({ text }) => [...text.matchAll(/<eval>", line (\d+)(.*)/g)]);
    assert.deepEqual(
      lines.map((found) => found.map(([, line, where]) => `${line}${where}`)),
      [['3, in <module>'], ['2, in <module>'], ['1, in <module>'], ['5, in <module>', '2, in f']],
    );
  });

  it('reports a mistake by the line it is in', async () => {
    const outcomes = await evaluate(
      'a = await seven()\nb = = 1',
      'a = 1\nif await seven():\nb = 1',
      'x = "await" "never closed',
      'b = 1\nawait = 3',
    );
    assert.deepEqual(
      outcomes.map(({ text }) => /line (\d+)\n(?:Syntax|Indentation)Error/.exec(text)?.[1]),
      ['2', '3', '1', '2'],
    );
  });

  it('needs no rewriting where only functions, strings and comments hold the word', async () => {
    const outcomes = await evaluate(
      'async def f():\n  await seven()\nx = 1',
      '"await"',
      'y = 1  # await',
    );
    assert.deepEqual(
      outcomes.map(({ names, value }) => [Object.keys(names), value]),
      [
        [['f', 'x'], null],
        [[], "'await'"],
        [['y'], null],
      ],
    );
  });

  it('leaves the same names behind as the same statements without await', async () => {
    const text = fc.stringMatching(/^[a-z'"#\\{}\n\t ]{0,12}$/);
    const literal = fc.oneof(
      text.map((value) => JSON.stringify(value)),
      text.map((value) => `'''${value.replace(/[\\']/g, '.')}\n'''`),
      text.map((value) => `r"""${value.replace(/[\\"]/g, '.')}"""`),
      text.map((value) => `f'{1}${value.replace(/[\\'{}\n]/g, '.')}'`),
      text.map((value) => `b"${value.replace(/["\\\n]/g, '')}\\\\\\"\\\n"`),
    );
    const name = fc.constantFrom('a', 'b', 'c', 'deep_1', 'e5');
    const statement = fc.oneof(
      fc.tuple(name, literal).map(([n, value]) => `${n} = ${value}`),
      fc
        .tuple(name, name, literal)
        .map(([n, m, v]) => `def ${n}(${m}=1):\n  """${'x\n y'}"""\n\n  return ${v}`),
      fc.tuple(name, literal).map(([n, v]) => `if True:\n\t${n} = [\n1,\n  ${v}]\n\tpass`),
      fc.tuple(name, literal).map(([n, v]) => `for ${n} in (1, ${v}):\n    # it's "so\n    pass`),
      fc
        .tuple(name, literal)
        .map(([n, v]) => `${n} = [${n} for ${n} in (${v}, 1e5)] \\\n  + [0x1f]`),
      fc.tuple(name, name).map(([n, m]) => `def ${m}(f): return f\n@${m}\ndef ${n}(): pass`),
      fc.tuple(name, literal).map(([n, v]) => `class ${n}:\n  """doc\nstring"""\n  ${n} = ${v}`),
    );
    const program = fc.array(statement, { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(fc.array(program, { minLength: 10, maxLength: 30 }), async (programs) => {
        const plain = programs.map((statements) => statements.join('\n'));
        const awaiting = programs.map((statements) => `${statements.join('\n')}\nawait seven()`);
        const outcomes = await evaluate(...plain, ...awaiting);
        plain.forEach((source, i) => {
          assert.equal(outcomes[i]?.text, '', source);
          assert.deepEqual(outcomes[i + plain.length], outcomes[i], source);
        });
      }),
      { numRuns: 10 },
    );
  });
});
