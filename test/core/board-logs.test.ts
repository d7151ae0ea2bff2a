import assert from 'node:assert/strict';
import { errorOf, Workbench } from './support';

const REPORT = {
  id: '3e8.1',
  kind: 'exception',
  restarted: true,
  again: 0,
  trace: 'Traceback (most recent call last):\n  File "a.py", line 1, in f\nValueError: hot',
  log: ['I 5#3e8.1 m: hello'],
};

describe('What a board keeps of its log and its crashes', () => {
  const bench = new Workbench();
  afterEach(() => bench.clear());

  it('is its last log lines, as records, without gaps where a level is left out', async () => {
    const asked: unknown[] = [];
    const { board } = await bench.scene('a', {
      info: { boot: 1000, up: 60, time: 1_790_000_060 },
      answers: {
        log: (line) => {
          asked.push(line.level);
          return {
            output: [
              'I 500#3e8.1 m: hel',
              'lo\nE 12:00:00.000#3e8.5+ m: one\nE 12:00:00.000',
              '#3e8.6 m: two\n',
            ],
            value: '{"said":6,"acked":6,"lost":0}',
          };
        },
      },
    });
    const records = await board.logLines({ level: 20 });
    assert.deepEqual(
      records.map(({ board, message, lines }) => [board, message, lines]),
      [
        ['a', 'hello', 1],
        ['a', 'one\ntwo', 2],
      ],
    );
    assert.equal(records[0]?.time?.getTime(), 1_790_000_000_500);
    assert.deepEqual(asked, [20]);
  });

  it('is a list of crashes, and each report whole', async () => {
    const { trace: _trace, log: _log, ...facts } = REPORT;
    const seen: unknown[] = [];
    const { board } = await bench.scene('a', {
      answers: {
        crash: ({ id, seen: ids }) => {
          if (ids) seen.push(ids);
          if (id === REPORT.id) return { value: JSON.stringify(REPORT) };
          if (id) return { failure: `missing no report ${id}` };
          const crashes = [{ ...facts, seen: false, text: 'ValueError: hot' }];
          return { value: JSON.stringify(ids ? { seen: 1 } : { crashes }) };
        },
      },
    });
    assert.deepEqual(await board.crashes(), [{ ...facts, seen: false, text: 'ValueError: hot' }]);
    const { exception, ...report } = await board.crash(REPORT.id);
    assert.deepEqual(report, REPORT);
    assert.equal(exception?.type, 'ValueError');
    await board.seenCrashes([REPORT.id]);
    assert.deepEqual(seen, [[REPORT.id]]);
    const error = await errorOf(board.crash('7.7'));
    assert.equal(error.code, 'BOARD_REFUSED');
    assert.match(error.message, /no report 7\.7/);
  });

  it('is not what is no list and no report', async () => {
    for (const value of ['{}', '[]', '7', '{"crashes":[{"id":1}]}', '{"crashes":[{}]}']) {
      const { board } = await bench.scene('a', { answers: { crash: () => ({ value }) } });
      assert.equal((await errorOf(board.crashes())).code, 'BOARD_REFUSED', value);
      assert.equal((await errorOf(board.crash('1'))).code, 'BOARD_REFUSED', value);
      await bench.clear();
    }
  });

  it('is asked of a board only that offers it', async () => {
    const { board } = await bench.scene('a');
    assert.match((await errorOf(board.crashes())).message, /does not offer crash/);
    assert.match((await errorOf(board.logLines())).message, /does not offer log/);
  });
});

describe('A setting of a board', () => {
  const bench = new Workbench();
  afterEach(() => bench.clear());

  it('is read, changed and taken back', async () => {
    const asked: unknown[] = [];
    const { board } = await bench.scene('a', {
      answers: {
        set: ({ what, ...line }) => {
          asked.push([what, 'to' in line ? line.to : 'nothing']);
          return { value: '{"interval":10}' };
        },
      },
    });
    assert.deepEqual(await board.set('sysinfo'), { interval: 10 });
    await board.set('sysinfo', { interval: 10 });
    await board.set('sysinfo', null);
    assert.deepEqual(asked, [
      ['sysinfo', 'nothing'],
      ['sysinfo', { interval: 10 }],
      ['sysinfo', null],
    ]);
  });

  it('that makes no sense is refused with the words of the board', async () => {
    const { board } = await bench.scene('a', {
      answers: { set: () => ({ failure: 'bad no level is called loud' }) },
    });
    const error = await errorOf(board.set('log', { mqtt: { '*': 'loud' } }));
    assert.equal(error.message, 'The board refused the command: no level is called loud.');
  });
});
