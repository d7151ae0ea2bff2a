import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { LEVELS, type LevelName, type LogRecord } from '../../core/index';
import { Coalescer, type SentRecord } from '../../nodes/mqboard-log/coalescer';
import { RateLimit } from '../../nodes/mqboard-log/rate-limit';
import { RecordFilter } from '../../nodes/mqboard-log/record-filter';
import { type LogSettings, readSettings } from '../../nodes/mqboard-log/settings';

const PERIOD_MS = 10_000;

function record(message: string, more: Partial<LogRecord> = {}): LogRecord {
  const levelName: LevelName = more.levelName ?? 'info';
  return {
    board: 'shed',
    level: LEVELS[levelName],
    levelName,
    time: new Date(),
    name: 'main',
    message,
    lines: 1,
    backlog: false,
    ...more,
  };
}

describe('The filter of log records', () => {
  const passes = (loggers: string[], name: string) =>
    new RecordFilter(LEVELS.debug, loggers).passes(record('text', { name }));

  it('lets records of the lowest level and above pass', () => {
    const filter = new RecordFilter(LEVELS.warning, []);
    assert.equal(filter.passes(record('a', { levelName: 'info' })), false);
    assert.equal(filter.passes(record('a', { levelName: 'warning' })), true);
    assert.equal(filter.passes(record('a', { levelName: 'critical' })), true);
  });

  const cases: Array<[loggers: string[], name: string, passes: boolean]> = [
    [[], 'heating', true],
    [['heating'], 'heating', true],
    [['heating'], 'heating2', false],
    [['heat*'], 'heating', true],
    [['*.net'], 'mqtt.net', true],
    [['*.net'], 'mqttxnet', false],
    [['*'], '', true],
    [['!net'], 'net', false],
    [['!net'], 'heating', true],
    [['net*', '!net.debug'], 'net.debug', false],
    [['net*', '!net.debug'], 'net.mqtt', true],
    [['a+b'], 'a+b', true],
    [['a+b'], 'aab', false],
  ];
  for (const [loggers, name, expected] of cases) {
    it(`${expected ? 'lets' : 'does not let'} "${name}" pass with loggers "${loggers.join(', ')}"`, () => {
      assert.equal(passes(loggers, name), expected);
    });
  }

  it('lets every record pass that tells of lines that are not there', () => {
    const filter = new RecordFilter(LEVELS.critical, ['heating']);
    assert.equal(filter.passes(record('gap', { missing: 3 })), true);
    assert.equal(filter.passes(record('3 lines lost', { lost: 3 })), true);
  });
});

describe('What stands for several log records', () => {
  let out: SentRecord[];

  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout', 'Date'] });
    out = [];
  });
  afterEach(() => {
    mock.timers.reset();
    mock.restoreAll();
  });

  /** The clock on the wall, which can be set while timers go on. */
  const clockApart = () => {
    mock.timers.reset();
    mock.timers.enable({ apis: ['setTimeout'] });
    const clock = { now: 10_000_000 };
    mock.method(Date, 'now', () => clock.now);
    return clock;
  };

  /** In small steps: what is due in one is told the time at its end. */
  const pass = (ms: number) => {
    for (let passed = 0; passed < ms; passed += 100) mock.timers.tick(Math.min(100, ms - passed));
  };
  const told = () =>
    out.map(({ message, repeated, heldBack }) => [message, repeated ?? heldBack ?? 0]);

  describe('coalescing', () => {
    const coalescer = () => new Coalescer(PERIOD_MS, (one) => out.push(one));

    it('sends the first at once, and how often it came again after the period', () => {
      const tested = coalescer();
      for (let i = 0; i < 5; i++) tested.push(record('too hot'));
      assert.deepEqual(told(), [['too hot', 0]]);
      pass(PERIOD_MS);
      assert.deepEqual(told(), [
        ['too hot', 0],
        ['too hot', 4],
      ]);
    });

    it('tells again after each period of a run that goes on, and then is quiet', () => {
      const tested = coalescer();
      for (let second = 0; second < 25; second++) {
        tested.push(record('too hot'));
        pass(1000);
      }
      pass(5 * PERIOD_MS);
      assert.deepEqual(told(), [
        ['too hot', 0],
        ['too hot', 9],
        ['too hot', 10],
        ['too hot', 5],
      ]);
    });

    it('takes one that comes later than the period for a new one', () => {
      const tested = coalescer();
      tested.push(record('too hot'));
      pass(PERIOD_MS);
      tested.push(record('too hot'));
      assert.deepEqual(told(), [
        ['too hot', 0],
        ['too hot', 0],
      ]);
    });

    it('does not wait longer where the clock is set back', () => {
      const clock = clockApart();
      const tested = coalescer();
      tested.push(record('too hot'));
      clock.now -= 3_600_000;
      for (let i = 0; i < 3; i++) tested.push(record('too hot'));
      pass(PERIOD_MS);
      assert.deepEqual(told(), [
        ['too hot', 0],
        ['too hot', 0],
        ['too hot', 2],
      ]);
    });

    it('finds repeats among others that come in between', () => {
      const tested = coalescer();
      for (let i = 0; i < 10; i++) {
        tested.push(record('connecting'));
        tested.push(record('refused', { name: 'net' }));
      }
      tested.close();
      assert.deepEqual(told(), [
        ['connecting', 0],
        ['refused', 0],
        ['connecting', 9],
        ['refused', 9],
      ]);
    });

    it('tells apart what differs in board, logger, level or text', () => {
      const tested = coalescer();
      tested.push(record('a'));
      tested.push(record('a', { board: 'barn' }));
      tested.push(record('a', { name: 'net' }));
      tested.push(record('a', { levelName: 'error' }));
      tested.push(record('b'));
      assert.equal(out.length, 5);
    });

    it('tells a count before it forgets a record for many others', () => {
      const tested = coalescer();
      tested.push(record('first'));
      tested.push(record('first'));
      for (let i = 0; i < 8; i++) tested.push(record(`other ${i}`));
      assert.deepEqual(told().slice(-2), [
        ['first', 1],
        ['other 7', 0],
      ]);
    });

    it('never makes one of two records that tell of lost lines', () => {
      const tested = coalescer();
      tested.push(record('3 lines lost', { lost: 3 }));
      tested.push(record('3 lines lost', { lost: 3 }));
      assert.equal(out.length, 2);
    });

    it('lets everything through where the period is 0', () => {
      const tested = new Coalescer(0, (one) => out.push(one));
      for (let i = 0; i < 3; i++) tested.push(record('too hot'));
      assert.equal(out.length, 3);
    });
  });

  describe('a limited rate', () => {
    const limit = (perSecond: number) =>
      new RateLimit(
        perSecond,
        (count) => `${count} held back`,
        (one) => out.push(one),
      );

    it('lets so many a second pass, and tells of the others when the storm is over', () => {
      const tested = limit(3);
      for (let i = 0; i < 10; i++) tested.push(record(`${i}`));
      assert.equal(out.length, 3);
      pass(2000);
      assert.deepEqual(told().slice(3), [['7 held back', 7]]);
      tested.push(record('later'));
      assert.equal(out.at(-1)?.message, 'later');
    });

    it('tells of a storm that does not end every ten seconds', () => {
      const tested = limit(1);
      for (let i = 0; i < 220; i++) {
        tested.push(record(`${i}`));
        mock.timers.tick(100);
      }
      tested.close();
      const counts = out.flatMap(({ heldBack }) => heldBack ?? []);
      assert.equal(counts.length, 3);
      const passed = out.length - counts.length;
      assert.equal(passed + counts.reduce((sum, count) => sum + count, 0), 220);
    });

    it('tells of a storm as often where the clock is set back', () => {
      const clock = clockApart();
      const tested = limit(1);
      for (let i = 0; i < 120; i++) {
        tested.push(record(`${i}`));
        clock.now += i === 50 ? -3_600_000 : 100;
        mock.timers.tick(100);
      }
      assert.ok(out.some(({ heldBack }) => heldBack));
      tested.close();
    });

    it('does not let a storm of others hide an error', () => {
      const tested = limit(2);
      for (let i = 0; i < 10; i++) tested.push(record(`${i}`));
      tested.push(record('why', { levelName: 'error' }));
      assert.equal(out.at(-1)?.message, 'why');
      tested.close();
    });

    it('holds back neither what was said during an outage nor what tells of lost lines', () => {
      const tested = limit(1);
      for (let i = 0; i < 5; i++) tested.push(record(`${i}`, { backlog: true }));
      for (let i = 0; i < 5; i++) tested.push(record(`${i}`, { missing: 1 }));
      assert.equal(out.length, 10);
    });

    it('counts for each board by itself', () => {
      const tested = limit(1);
      for (const board of ['shed', 'barn']) tested.push(record('a', { board }));
      assert.equal(out.length, 2);
    });
  });

  it('does not grow with names that somebody invents, and loses no count by it', () => {
    const limit = new RateLimit(1, String, (one) => out.push(one));
    const coalescer = new Coalescer(PERIOD_MS, (one) => limit.push(one));
    for (let i = 0; i < 3; i++) coalescer.push(record('the same', { board: 'first' }));
    limit.push(record('a', { board: 'first' }));
    for (let i = 0; i < 5000; i++) coalescer.push(record('text', { board: `${i}` }));
    const first = out.filter(({ board }) => board === 'first');
    assert.deepEqual(
      first.map(({ repeated, heldBack, lines }) => [repeated ?? 0, heldBack ?? 0, lines]),
      [
        [0, 0, 1],
        [0, 3, 3],
      ],
    );
  });

  it('makes the sum of lines come out right, however they are put together', () => {
    const limit = new RateLimit(5, String, (one) => out.push(one));
    const coalescer = new Coalescer(PERIOD_MS, (one) => limit.push(one));
    let said = 0;
    for (let i = 0; i < 500; i++) {
      const lines = 1 + (i % 3);
      said += lines;
      coalescer.push(record(i % 4 === 0 ? 'the same' : `${i}`, { lines }));
      mock.timers.tick(37);
    }
    coalescer.close();
    limit.close();
    assert.ok(out.some(({ repeated }) => repeated) && out.some(({ heldBack }) => heldBack));
    assert.equal(
      out.reduce((sum, { lines }) => sum + lines, 0),
      said,
    );
  });
});

describe('The settings of an mqboard-log node', () => {
  it('may all be missing: then it watches all boards, and coalesces', () => {
    const { isWatched, ...plan } = readSettings({});
    assert.deepEqual(plan, {
      boards: ['#'],
      records: true,
      crashes: true,
      sysinfo: true,
      presence: true,
      level: 10,
      loggers: [],
      coalesceMs: 10_000,
      perSecond: 0,
    });
    assert.equal(isWatched('farm/shed'), true);
  });

  it('take several names, on lines or between commas', () => {
    const { boards, isWatched } = readSettings({ boards: 'shed, barn/+\n\nfarm/#' });
    assert.deepEqual(boards, ['shed', 'barn/+', 'farm/#']);
    assert.deepEqual(['shed', 'barn', 'barn/1', 'farm/a/b', 'x'].map(isWatched), [
      true,
      false,
      true,
      true,
      false,
    ]);
  });

  const wrong: Array<[LogSettings, RegExp]> = [
    [{ boards: 'farm/#/shed' }, /#/],
    [{ boards: '/shed' }, /begin/],
    [{ level: 'loud' }, /lowest level/],
    [{ coalesce: 'often' }, /Repeats/],
    [{ coalesce: -1 }, /Repeats/],
    [{ limit: '1.5' }, /Rate limit/],
  ];
  for (const [settings, says] of wrong) {
    it(`are refused with a reason: ${JSON.stringify(settings)}`, () => {
      assert.throws(() => readSettings(settings), says);
    });
  }
});
