import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseLogLine } from '../../core/index';

/** What a log line can hold, so that chance makes lines that are nearly right. */
const alphabet = fc.constantFrom(...'IWEDC 0129:.#a4f~+&\0é\n');

describe('A log line', () => {
  it('is told from any other bytes without an error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const line = parseLogLine(Buffer.from(bytes));
        assert.ok(line.name !== '' || line.text.length <= bytes.length);
      }),
    );
  });

  it('that is nearly one is taken as it stands, or taken apart', () => {
    const nearly = fc.array(alphabet, { maxLength: 40 }).map((letters) => letters.join(''));
    fc.assert(
      fc.property(nearly, (text) => {
        const line = parseLogLine(text);
        assert.ok(text.endsWith(line.text));
        assert.ok(line.seq === undefined || Number.isSafeInteger(line.seq));
      }),
      { numRuns: 2000 },
    );
  });

  it('without end is cut', () => {
    const line = parseLogLine(Buffer.from(`I 5 main: ${'x'.repeat(1_000_000)}`));
    assert.ok(line.text.length < 20_000);
  });

  it('may have spaces in front of its time, and lack that behind its colon', () => {
    assert.deepEqual(parseLogLine('I   512     main:'), {
      level: 20,
      levelName: 'info',
      bootTime: 512,
      name: 'main',
      text: '',
      backlog: false,
    });
  });

  it('with a number that is none is no log line', () => {
    const text = `I 5#a4f.${'9'.repeat(30)} main: hello`;
    assert.equal(parseLogLine(text).text, text);
  });
});
