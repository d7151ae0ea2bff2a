import assert from 'node:assert/strict';
import { barLine, ProgressBar } from '../../cli/progress-bar';
import { bytes, duration } from '../../cli/words';

const half = { bytes: 50_000, total: 100_000, bytesPerSecond: 20_000, remainingSeconds: 2.5 };

function terminal(isTTY: boolean) {
  const written: string[] = [];
  return { isTTY, columns: 60, written, write: (text: string) => written.push(text) };
}

describe('The progress bar', () => {
  it('shows part, size, rate, time and file', () => {
    const line = barLine([{ ...half, path: '/a.py' }]);
    const expected = '[############............]   50 % of 100 kB  20.0 kB/s  2.5 s left  /a.py';
    assert.equal(line, expected);
  });

  it('adds several transfers up, and waits for the slowest', () => {
    const slow = { bytes: 0, total: 100_000, bytesPerSecond: 0, remainingSeconds: 80 };
    assert.match(barLine([half, slow]), / 25 % of 200 kB {2}20\.0 kB\/s {2}1 min 20 s left$/);
  });

  it('is written on a terminal, within its width, and cleared before anything else is', () => {
    const screen = terminal(true);
    const bar = new ProgressBar(screen);
    bar.update('a', { ...half, path: '/a/very/long/path/that/does/not/fit/into/the/line.py' });
    bar.around(() => screen.write('result\n'));
    bar.update('a', half);
    bar.finished('a');
    const shown = screen.written.map((text) => text.replaceAll('\x1b[K', '<clear>'));
    assert.match(shown[0] ?? '', /^\r\[#.{57}<clear>$/);
    assert.deepEqual(shown.slice(1, 3), ['\r<clear>', 'result\n']);
    assert.equal(shown.at(-1), '\r<clear>');
  });

  it('is not drawn more often than an eye can follow', () => {
    const screen = terminal(true);
    const bar = new ProgressBar(screen);
    for (let i = 0; i < 1000; i++) bar.update('a', half);
    assert.ok(screen.written.length < 20, `${screen.written.length} times`);
  });

  it('says what is waited for when nothing is sent, at once', () => {
    const screen = terminal(true);
    const bar = new ProgressBar(screen);
    bar.update('a', half);
    bar.step('a', 'on trial');
    bar.step('b', 'restarting');
    bar.step('c', 'on trial');
    bar.finished('a');
    bar.finished('b');
    bar.step('c', 'restarting');
    bar.finished('c');
    const shown = screen.written.map((text) => text.replace('\r', '').replace('\x1b[K', ''));
    assert.deepEqual(shown.slice(1), [
      ...['on trial', '1 x on trial, 1 x restarting', '2 x on trial, 1 x restarting'],
      ...['restarting', ''],
    ]);
  });

  it('is silent in a pipe', () => {
    const pipe = terminal(false);
    const bar = new ProgressBar(pipe);
    bar.update('a', half);
    bar.finished('a');
    assert.deepEqual(pipe.written, []);
  });
});

describe('Sizes and times in words', () => {
  it('have the unit that fits', () => {
    const sizes = [0, 999, 1000, 99_950, 999_500, 1_234_567, 5e9];
    const words = ['0 B', '999 B', '1.0 kB', '100 kB', '1.0 MB', '1.2 MB', '5.0 GB'];
    assert.deepEqual(sizes.map(bytes), words);
    assert.deepEqual([0, 9.94, 9.96, 59.4, 60, 185].map(duration), [
      ...['0.0 s', '9.9 s', '10 s', '59 s', '1 min 00 s', '3 min 05 s'],
    ]);
  });
});
