import assert from 'node:assert/strict';
import { coloured, harmless, paintFor, plain } from '../../cli/colours';
import { reportText } from '../../cli/crash-words';
import { Screen } from '../../cli/screen';
import { facts, table } from '../../cli/table';
import { age, clock, dayAndTime } from '../../cli/words';

describe('What the command writes', () => {
  it('is coloured on a terminal only, unless the user wishes something else', () => {
    assert.equal(paintFor(undefined, true, {}), coloured);
    assert.equal(paintFor(undefined, undefined, {}), plain);
    assert.equal(paintFor(undefined, true, { NO_COLOR: '1' }), plain);
    assert.equal(paintFor(undefined, true, { NO_COLOR: '' }), coloured);
    assert.equal(paintFor(undefined, true, { TERM: 'dumb' }), plain);
    assert.equal(paintFor(true, false, { NO_COLOR: '1' }), coloured);
    assert.equal(paintFor(false, true, {}), plain);
    assert.equal(coloured('error', 'no'), '\x1b[1;31mno\x1b[0m');
  });

  it('shows control characters instead of obeying them', () => {
    assert.equal(harmless('a\x1b[2J\x07\tü\n'), 'a\\x1b[2J\\x07\tü\n');
  });

  it('shows them in what boards are called and say of themselves, too', () => {
    const shown: string[] = [];
    const screen = new Screen((text) => shown.push(text), plain, true, true);
    screen.show('a\x1b[2J', [{ style: 'info', text: '\x07' }]);
    assert.equal(shown.join(''), 'a\\x1b[2J | \\x07\n');
    assert.equal(table([['a\x1b[2J', 'b']]), 'a\\x1b[2J  b\n');
    const report = {
      id: '1.1',
      kind: 'hang',
      restarted: true,
      again: 0,
      log: ['\x1b[2J'],
    } as const;
    assert.ok(!reportText('a', { ...report, log: [...report.log] }).includes('\x1b'));
  });

  it('stands in columns, and leaves out what is not known', () => {
    const rows = [
      ['BOARD', 'STATE'],
      ['demo/shed', 'online'],
      ['a', ''],
    ];
    assert.equal(table(rows), 'BOARD      STATE\ndemo/shed  online\na\n');
    const known = facts([
      ['mode', 'normal'],
      ['boots', undefined],
      ['firmware', '1'],
    ]);
    assert.equal(known, 'mode      normal\nfirmware  1\n');
  });

  it('tells long times in the two units that matter', () => {
    const shown = [0.4, 59.9, 60, 3599, 3600 * 3 + 300, 86400 * 9 + 3600 * 4, -5].map(age);
    assert.deepEqual(shown, ['0 s', '59 s', '1 min', '59 min', '3 h 05 min', '9 d 4 h', '0 s']);
  });

  it('tells the time of this place', () => {
    const date = new Date(2026, 0, 2, 3, 4, 5, 6);
    assert.equal(clock(date), '03:04:05.006');
    assert.equal(dayAndTime(date), '2026-01-02 03:04:05');
  });
});
