import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseTraceback, signatureOf } from '../../core/index';

const TRACE = `Traceback (most recent call last):
  File "main.py", line 20, in <module>
  File "/lib/heating.py", line 7, in run
ValueError: too hot`;

describe('A traceback', () => {
  it('is taken apart, the outermost call first', () => {
    assert.deepEqual(parseTraceback(`a task failed\n${TRACE}\n`), {
      type: 'ValueError',
      message: 'too hot',
      frames: [
        { file: 'main.py', line: 20, function: '<module>' },
        { file: '/lib/heating.py', line: 7, function: 'run' },
      ],
      traceback: TRACE,
    });
  });

  it('may end in an exception without a message, or with one of several lines', () => {
    const head = 'Traceback (most recent call last):\n  File "a.py", line 1, in f\n';
    assert.equal(parseTraceback(`${head}KeyboardInterrupt: `)?.message, '');
    assert.equal(parseTraceback(`${head}MemoryError`)?.type, 'MemoryError');
    const { type, message } = parseTraceback(`${head}my.Error: one\ntwo: 2\n`) ?? {};
    assert.deepEqual([type, message], ['my.Error', 'one\ntwo: 2']);
  });

  it('whose middle was left out tells what is left', () => {
    const { type, frames } =
      parseTraceback(
        'Traceback (most recent call last):\n  File "a.py", line 1, in f\n...\n' +
          '  File "b.py", line 2, in g\nOSError: [Errno 5] EIO',
      ) ?? {};
    assert.equal(type, 'OSError');
    assert.deepEqual(
      frames?.map(({ file }) => file),
      ['a.py', 'b.py'],
    );
  });

  it('that was cut off has no type', () => {
    const cut = TRACE.slice(0, TRACE.indexOf('ValueError'));
    assert.equal(parseTraceback(cut)?.type, '');
    assert.equal(parseTraceback(cut)?.frames.length, 2);
  });

  it('is not in what only names an exception', () => {
    assert.equal(parseTraceback('ValueError: too hot'), undefined);
  });

  it('is looked for in any text without an error, and soon over', () => {
    const piece = fc.constantFrom(
      'Traceback (most recent call last):',
      '  File "a',
      '", line ',
      '7',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 50 }), (pieces) => {
        parseTraceback(pieces.join(''));
      }),
    );
    const begun = performance.now();
    parseTraceback(`Traceback (most recent call last):\n${'  File "'.repeat(100_000)}`);
    assert.ok(performance.now() - begun < 1000);
  });
});

describe('The signature of a crash', () => {
  const exception = parseTraceback(TRACE);
  const signature = signatureOf('exception', exception);

  it('is the same when only lines and values differ', () => {
    assert.match(signature, /^[0-9a-f]{8}$/);
    const later = TRACE.replace('line 7', 'line 9').replace('too hot', '81 degrees');
    assert.equal(signatureOf('exception', parseTraceback(later)), signature);
  });

  it('is another for another kind, type, file or function', () => {
    const others = [
      signatureOf('logged', exception),
      signatureOf('hang'),
      ...[
        ['ValueError', 'OSError'],
        ['heating', 'cooling'],
        ['in run', 'in stop'],
      ].map(([from = '', to = '']) =>
        signatureOf('exception', parseTraceback(TRACE.replace(from, to))),
      ),
    ];
    assert.equal(new Set([signature, ...others]).size, others.length + 1);
  });
});
