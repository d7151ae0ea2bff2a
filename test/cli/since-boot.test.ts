import assert from 'node:assert/strict';
import { SinceBoot } from '../../cli/since-boot';
import type { LogRecord } from '../../core/index';

const said = (message: string, more: Partial<LogRecord> = {}): LogRecord => ({
  ...{ board: 'a', level: 20, levelName: 'info', time: undefined, name: 'main', message },
  ...{ lines: 1, backlog: false, ...more },
});
const numbered = (seq: number, boot = 'a4f') => said(`${boot} ${seq}`, { seq, boot });

describe('What a board remembers, and what it says meanwhile', () => {
  let shown: string[];
  let since: SinceBoot;

  beforeEach(() => {
    shown = [];
    since = new SinceBoot(({ message }) => void shown.push(message));
  });

  it('is shown in order, each line once', () => {
    for (const seq of [3, 4, 5]) since.live(numbered(seq));
    assert.deepEqual(shown, []);
    since.remembered([1, 2, 3, 4].map((seq) => numbered(seq)));
    for (const seq of [4, 6]) since.live(numbered(seq));
    assert.deepEqual(shown, ['a4f 1', 'a4f 2', 'a4f 3', 'a4f 4', 'a4f 5', 'a4f 6']);
  });

  it('is told apart from the next boot', () => {
    since.remembered([numbered(7)]);
    since.live(numbered(1, 'b00'));
    assert.deepEqual(shown, ['a4f 7', 'b00 1']);
  });

  it('is recognised without numbers by when it was said', () => {
    const at = (milliseconds: number) => said('same', { time: new Date(milliseconds) });
    since.live(at(5));
    since.live(at(6));
    since.remembered([at(4), at(5)]);
    assert.equal(shown.length, 3);
  });

  it('is nothing where the board could not be asked', () => {
    since.live(said('one'));
    since.remembered([]);
    since.live(said('two'));
    assert.deepEqual(shown, ['one', 'two']);
  });
});
