import assert from 'node:assert/strict';
import { type LogRecord, parseLogLine } from '../../core/index';
import { parseInfo } from '../../core/protocol/info';
import { LogAssembler } from '../../core/protocol/log-assembler';

const NOON = Date.UTC(2026, 5, 15, 12, 0, 0);

/** The records that lines make, and what is left of them when no more come. */
function recordsOf(lines: string[], now = NOON): LogRecord[] {
  const records: LogRecord[] = [];
  const assembler = new LogAssembler('oven', (record) => records.push(record));
  for (const line of lines) assembler.take(parseLogLine(line), now);
  assembler.flush();
  return records;
}

const messages = (lines: string[]) => recordsOf(lines).map(({ message }) => message);

describe('The records of a log', () => {
  it('are one for each line that stands alone', () => {
    assert.deepEqual(recordsOf(['I 11:59:59.500#a4f.17~     main: hello']), [
      {
        board: 'oven',
        level: 20,
        levelName: 'info',
        time: new Date(NOON - 500),
        name: 'main',
        message: 'hello',
        seq: 17,
        boot: 'a4f',
        lines: 1,
        backlog: true,
      },
    ]);
  });

  it('are one for a message of several lines, with its exception', () => {
    const [record, ...others] = recordsOf([
      'E 12:00:00.000#a4f.1+ main: a task failed',
      'E 12:00:00.000#a4f.2+ main: Traceback (most recent call last):',
      'E 12:00:00.000#a4f.3+ main:   File "heating.py", line 7, in run',
      'E 12:00:00.000#a4f.4 main: ValueError: too hot',
    ]);
    assert.deepEqual(others, []);
    assert.match(
      record?.message ?? '',
      /^a task failed\nTraceback .*\n {2}File .*\nValueError: too hot$/,
    );
    assert.deepEqual([record?.lines, record?.seq], [4, 4]);
    assert.equal(record?.exception?.type, 'ValueError');
    assert.deepEqual(record?.exception?.frames, [{ file: 'heating.py', line: 7, function: 'run' }]);
  });

  it('put a line together that was longer than a message', () => {
    assert.deepEqual(
      messages([
        'I 5#a4f.1& m: one',
        'I 5#a4f.2+ m:  and',
        'I 5#a4f.3 m: two',
        'I 5#a4f.4 m: three',
      ]),
      ['one and\ntwo', 'three'],
    );
  });

  it('leave out what came before', () => {
    const line = (n: number) => `I 5#a4f.${n} m: ${n}`;
    assert.deepEqual(messages([line(1), line(2), line(1), line(2), line(3)]), ['1', '2', '3']);
  });

  it('say how many lines never arrived, where they should be', () => {
    const [, gap, next] = recordsOf(['I 5#a4f.1 m: 1', 'I 5#a4f.5 m: 5']);
    assert.deepEqual(gap, {
      board: 'oven',
      level: 30,
      levelName: 'warning',
      time: new Date(NOON),
      name: 'mqboard',
      message: '3 lines before this never arrived',
      seq: 4,
      boot: 'a4f',
      lines: 0,
      backlog: false,
      missing: 3,
    });
    assert.equal(next?.message, '5');
  });

  it('end a message at a gap', () => {
    assert.deepEqual(messages(['I 5#a4f.1+ m: one', 'I 5#a4f.3 m: three']), [
      'one',
      '1 line before this never arrived',
      'three',
    ]);
  });

  it('take over what the board itself counts as lost, and count what the notice does not', () => {
    const [, gap, notice, next] = recordsOf([
      'I 5#a4f.1 m: 1',
      'W 5#a4f.10  logging: 6 lines lost',
      'I 5#a4f.11 m: 11',
    ]);
    assert.deepEqual([gap?.missing, gap?.seq], [3, 4]);
    assert.deepEqual([notice?.lost, notice?.lines, notice?.missing], [6, 0, undefined]);
    assert.deepEqual([next?.message, next?.missing], ['11', undefined]);
  });

  it('count once what a notice tells again that has grown meanwhile', () => {
    const records = recordsOf([
      'W 5#a4f.5  logging: 5 lines lost',
      'W 5#a4f.9  logging: 9 lines lost',
    ]);
    assert.deepEqual(
      records.map(({ lost, missing }) => [lost, missing]),
      [
        [5, undefined],
        [4, undefined],
      ],
    );
  });

  it('begin anew with a boot, whose first lines may be missing', () => {
    const records = recordsOf(['I 5#a4f.70 m: old', 'I 5#b00.3 m: new', 'I 5#a4f.70 m: old']);
    assert.deepEqual(
      records.map(({ message, missing }) => missing ?? message),
      ['old', 2, 'new'],
    );
  });

  it('are not missed of a board that was never heard of before', () => {
    assert.deepEqual(messages(['I 5#a4f.70 m: hello']), ['hello']);
  });

  it('of version 1 are one for a traceback', () => {
    const records = recordsOf([
      'E 12:00:00.000     main: it failed',
      'E 12:00:00.000     main: Traceback (most recent call last):',
      'E 12:00:00.000     main:   File "heating.py", line 7, in run',
      'E 12:00:00.000     main: ValueError: too hot',
      'E 12:00:00.000     main: more',
    ]);
    assert.deepEqual(
      records.map(({ lines, exception }) => [lines, exception?.type]),
      [
        [1, undefined],
        [3, 'ValueError'],
        [1, undefined],
      ],
    );
  });

  it('of version 1 end a traceback where another logger speaks', () => {
    assert.deepEqual(
      messages(['E 5 a: Traceback (most recent call last):', 'E 5 a:   File "x"', 'I 5 b: hello']),
      ['Traceback (most recent call last):\n  File "x"', 'hello'],
    );
  });

  it('are given out in pieces when a message has no end', () => {
    const lines = Array.from({ length: 300 }, (_, n) => `I 5#a4f.${n + 1}+ m: ${'x'.repeat(1000)}`);
    const records = recordsOf(lines);
    assert.ok(records.length > 10);
    assert.equal(
      records.reduce((sum, record) => sum + record.lines, 0),
      300,
    );
    assert.ok(records.every(({ message }) => message.length < 20_000));
  });

  it('are given out in pieces when a traceback has no end', () => {
    const lines = Array.from({ length: 300 }, () => `E 5 m:  ${'x'.repeat(1000)}`);
    const records = recordsOf(['E 5 m: Traceback (most recent call last):', ...lines]);
    assert.ok(records.every(({ message }) => message.length < 20_000));
  });
});

describe('The time of a record', () => {
  const timeOf = (line: string, now: number, info = '{}') => {
    const records: LogRecord[] = [];
    const assembler = new LogAssembler('oven', (record) => records.push(record));
    const parsed = parseInfo(info);
    if (parsed) assembler.times.learn(parsed, undefined);
    assembler.take(parseLogLine(line), now);
    return records[0]?.time?.toISOString();
  };
  const at = (text: string) => Date.parse(`2026-06-15T${text}Z`);

  it('is on the day that makes it nearest to now', () => {
    assert.equal(timeOf('I 23:59:59.900 m: x', at('00:00:01')), '2026-06-14T23:59:59.900Z');
    assert.equal(timeOf('I 00:00:01.000 m: x', at('23:59:59')), '2026-06-16T00:00:01.000Z');
    assert.equal(timeOf('I 18:30:00.000 m: x', at('19:00:00')), '2026-06-15T18:30:00.000Z');
  });

  it('is without what the board is ahead of UTC', () => {
    const ahead = '{"zone":120}';
    assert.equal(timeOf('I 14:00:00.000 m: x', at('12:00:00'), ahead), '2026-06-15T12:00:00.000Z');
    assert.equal(timeOf('I 01:30:00.000 m: x', at('23:30:00'), ahead), '2026-06-15T23:30:00.000Z');
    const behind = '{"zone":-300}';
    assert.equal(timeOf('I 20:00:00.000 m: x', at('01:00:00'), behind), '2026-06-15T01:00:00.000Z');
  });

  it('follows from the moment of the boot, where the board has no clock', () => {
    const info = JSON.stringify({ boot: 0x1a4f, up: 60, time: at('12:00:00') / 1000 });
    const now = at('13:00:00');
    assert.equal(timeOf('I 1500#a4f.1 m: x', now, info), '2026-06-15T11:59:01.500Z');
    assert.equal(timeOf('I 1500 m: x', now, info), '2026-06-15T11:59:01.500Z');
    assert.equal(timeOf('I 1500#b00.1 m: x', now, info), undefined);
    assert.equal(timeOf('I 1500 m: x', now), undefined);
    assert.equal(timeOf(`I ${'9'.repeat(20)} m: x`, now, info), undefined);
  });
});
