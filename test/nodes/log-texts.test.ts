import assert from 'node:assert/strict';
import type { CrashEvent, PresenceEvent } from '../../core/index';
import { crashText } from '../../nodes/mqboard-log/crash-text';
import { presenceText } from '../../nodes/mqboard-log/presence-text';
import { longTime } from '../../nodes/mqboard-log/times';
import type { Words } from '../../nodes/shared/words';
import { texts } from './support/node-files';

/** The words of a catalogue, as Node-RED fills them in. */
function wordsIn(language: string): Words {
  const catalogue = texts('mqboard-log', language);
  return (key, _otherwise, values = {}) => {
    const text = catalogue.get(`mqboard-log.${key}`);
    assert.ok(text, `${language}: a text for ${key}`);
    return text.replace(/__(.+?)__/g, (_, name) => {
      assert.ok(name in values, `${key}: a value for ${name}`);
      return String(values[name]);
    });
  };
}

const [english, german] = [wordsIn('en-US'), wordsIn('de')];
const at = new Date(2026, 4, 4, 13, 2, 1);
const exception = {
  type: 'ValueError',
  message: 'too hot',
  frames: [
    { file: 'main.py', line: 3, function: '<module>' },
    { file: 'heating.py', line: 7, function: 'run' },
  ],
  traceback: '',
};
const crash: CrashEvent = {
  board: 'farm/shed',
  id: 'a4f.1',
  kind: 'exception',
  where: 'task',
  exception,
  signature: '0a1b2c3d',
  count: 3,
  first: new Date(2026, 4, 2, 8, 0, 0),
  last: at,
  at,
  restarted: true,
  report: {
    id: 'a4f.1',
    kind: 'exception',
    restarted: true,
    again: 0,
    up: 12_000,
    time: at.getTime() / 1000,
    zone: -at.getTimezoneOffset(),
    doing: 'valve 3',
    log: [
      'I 13:01:58.000#a4f.6     main: opening valve 3',
      'W 13:02:00.100#a4f.7~  heating: 81 degrees',
    ],
  },
};

describe('The text of a crash', () => {
  it('says what happened, where, when, how often, and what the board had said', () => {
    const expected = [
      'farm/shed crashed: ValueError: too hot (task; heating.py:7, run).',
      'That was at 2026-05-04 13:02:01.',
      'It had been running for 3 h 20 min.',
      'Before, it had noted that it was at: valve 3.',
      'It restarted because of it.',
      'It has happened 3 times since 2026-05-02 08:00:00.',
      'The last that it logged before: heating: 81 degrees (warning, 2026-05-04 13:02:00)',
    ];
    assert.equal(crashText(crash, english), expected.join(' '));
  });

  it('says it in German', () => {
    const text = crashText(crash, german);
    assert.match(
      text,
      /^farm\/shed ist abgestürzt: ValueError: too hot \(task; heating\.py:7, run\)\. /,
    );
    assert.match(text, / Das ist seit 2026-05-02 08:00:00 3 Mal geschehen\. /);
  });

  it('has the same words where Node-RED has no catalogue', () => {
    assert.equal(
      crashText(crash, (_key, otherwise) => otherwise),
      crashText(crash, english),
    );
  });

  it('leaves out what is not known, and is still a sentence', () => {
    const { board, id, signature, first, last } = crash;
    const bare = { board, id, signature, first, last, count: 1, at: undefined, restarted: true };
    const told = (kind: CrashEvent['kind']) => crashText({ ...bare, kind }, english);
    assert.equal(told('hang'), 'farm/shed hung, and its watchdog restarted it.');
    assert.match(told('unexplained'), /^farm\/shed restarted, and nothing says why: .*\.$/);
    assert.equal(told('exception'), 'farm/shed crashed: ?. It restarted because of it.');
  });

  it('says of a traceback in a log that it was logged, and not that the board crashed', () => {
    const { report, ...others } = crash;
    const text = crashText({ ...others, kind: 'logged', where: 'main', restarted: false }, english);
    assert.ok(
      report && text.startsWith('farm/shed logged an exception: ValueError: too hot (main; '),
    );
    assert.doesNotMatch(text, /restart/);
  });

  it('says when the board goes on', () => {
    assert.match(
      crashText({ ...crash, restarted: false }, english),
      /did not restart, and goes on/,
    );
  });
});

describe('The text of coming and going', () => {
  const told = (event: Partial<PresenceEvent>, words = english) =>
    presenceText({ board: 'shed', event: 'booted', at, online: true, ...event }, words);

  it('says why a board restarted, and what was lost', () => {
    assert.equal(
      told({ reset: 'intended', reason: 'new version', missing: 4 }),
      'shed has restarted. It was told to. It says: new version. ' +
        'Log lines lost with the boot before: 4.',
    );
    assert.equal(told({}), 'shed has restarted. It cannot tell why.');
    assert.equal(
      told({ reset: 'power' }, german),
      'shed ist neu gestartet. Sein Strom kam wieder.',
    );
  });

  it('says what became of an update, and why the board went back', () => {
    const update = { what: 'app', version: '1.4' } as const;
    assert.equal(
      told({ event: 'updated', ...update }),
      'shed runs the application 1.4 now, and has confirmed it.',
    );
    const reason = 'it crashed after 5 s.';
    assert.equal(
      told({ event: 'rolled-back', ...update, reason }),
      'shed tried the application 1.4 and went back to what it had before. It says: it crashed after 5 s.',
    );
    assert.match(
      told({ event: 'rolled-back', ...update, reason }, german),
      /^shed hat erprobt: Anwendung 1\.4, und .* Es sagt: it crashed after 5 s\.$/,
    );
  });

  it('says why a board is in safe mode', () => {
    assert.equal(
      told({ event: 'safe-mode', reason: 'it hung 3 times' }),
      'shed has started in safe mode. It says: it hung 3 times.',
    );
  });

  for (const event of ['online', 'offline', 'safe-mode'] as const) {
    it(`is one sentence for ${event}`, () => {
      assert.match(told({ event }), /^shed (is|has) [\w ]+\.$/);
      assert.match(told({ event }, german), /^shed ist [\w ]+\.$/);
    });
  }
});

describe('A long time', () => {
  for (const [seconds, expected] of [
    [42, '42 s'],
    [1000, '17 min'],
    [12_000, '3 h 20 min'],
    [3_599, '1 h 0 min'],
    [1_000_000, '12 days'],
  ] as const) {
    it(`of ${seconds} s is said as ${expected}`, () => {
      assert.equal(longTime(seconds, english), expected);
    });
  }
});
