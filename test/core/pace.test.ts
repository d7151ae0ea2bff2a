import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { Meter } from '../../core/board/files/meter';
import { FrameSize } from '../../core/board/transfer/frame-size';
import { Pace } from '../../core/board/transfer/pace';
import type { TransferProgress } from '../../core/index';

describe('The pace of a transfer', () => {
  let now = 0;

  beforeEach(() => {
    now = 0;
    mock.method(performance, 'now', () => now);
  });
  afterEach(() => mock.restoreAll());

  /** Lets windows come, at so many bytes a second behind a way there and back of `wayMs`. */
  function receive(pace: Pace, bytesPerSecond: number, wayMs: number): void {
    let received = 0;
    for (let round = 0; round < 20; round++) {
      const { window, chunk } = pace;
      pace.asked(received + window);
      now += wayMs;
      for (let came = 0; came < window; came += chunk) {
        now += (chunk / bytesPerSecond) * 1000;
        received += chunk;
        pace.came(received);
      }
    }
  }

  it('opens the window on a quick link, however long the way is', () => {
    for (const wayMs of [0, 300]) {
      const pace = new Pace();
      receive(pace, 5_000_000, wayMs);
      assert.equal(pace.window, 256 * 1024);
    }
  });

  it('leaves room for other commands on a slow link, and is patient', () => {
    const pace = new Pace();
    receive(pace, 5_000, 0);
    assert.ok(pace.window <= 8192, `${pace.window}`);
    assert.ok(pace.patienceMs > 1500, `${pace.patienceMs}`);
  });

  it('learns nothing from a window of which something was lost', () => {
    const pace = new Pace();
    pace.asked(pace.window);
    now += 5000;
    pace.lost();
    pace.came(pace.window);
    assert.deepEqual([pace.window, pace.patienceMs], [new Pace().window, new Pace().patienceMs]);
  });

  it('makes frames small on a slow link, and large on a quick one, step by step', () => {
    const slow = new FrameSize();
    const quick = new FrameSize();
    const sizes: number[] = [];
    for (let time = 0; time < 10; time++) {
      now += 1000;
      slow.arrived(time * 5_000);
      quick.arrived(time * 5_000_000);
      sizes.push(quick.bytes);
    }
    assert.equal(slow.bytes, 1024);
    assert.deepEqual(sizes.slice(0, 5), [4096, 8192, 16_384, 32_768, 65_536]);
  });

  it('is measured over the last seconds, and anew when a transfer begins anew', () => {
    const seen: TransferProgress[] = [];
    const meter = new Meter((progress) => seen.push(progress));
    for (let second = 0; second <= 10; second++) {
      now = second * 1000;
      meter.moved(second < 5 ? second * 100 : second * 1000, 20_000);
    }
    assert.deepEqual(
      [seen[0]?.bytesPerSecond, seen[0]?.remainingSeconds],
      [0, undefined],
      'nothing is known at first',
    );
    assert.deepEqual([seen.at(-1)?.bytesPerSecond, seen.at(-1)?.remainingSeconds], [1000, 10]);
    now += 1000;
    meter.moved(50, 20_000);
    assert.equal(seen.at(-1)?.bytesPerSecond, 0);
  });
});
