import assert from 'node:assert/strict';
import { BLOCK_BYTES, findDelta, patchOf } from '../../core/board/updates/delta';
import { BoardFileError, BoardRefusedError, InvalidInputError } from '../../core/index';
import { appImage, sealImage } from '../../simulator/app-image';
import { sha256 } from '../support/contents';
import type { UpdatesBehaviour } from '../support/scripted-updates';
import { errorOf, Workbench } from './support';

const PREFIX = 'shed/1';
const RUNNING = appImage({ size: 40 * BLOCK_BYTES + 1000, seed: 1 });

/** The running image, otherwise at the beginning of these blocks. */
function changed(...at: number[]): Buffer {
  const image = Buffer.from(RUNNING);
  image.write('v2\0\0\0', 48);
  for (const block of at) image.write('changed', block * BLOCK_BYTES + 300);
  sealImage(image);
  return image;
}

describe('Flashing an image', () => {
  const bench = new Workbench();
  const scene = (updates: UpdatesBehaviour = {}) =>
    bench.scene(PREFIX, { updates: { running: RUNNING, window: 16_384, ...updates } });
  afterEach(() => bench.clear());

  it('sends only the blocks that the running image has not', async () => {
    const { board, remote } = await scene();
    const image = changed(7, 8, 20);
    const { elapsedMs, ...result } = await board.flash(image);
    // The header, three blocks, and the last one with the check sum, which is not a whole one.
    const wireBytes = 4 * BLOCK_BYTES + 1000;
    assert.deepEqual(result, { outcome: 'updated', what: 'image', version: 'v2', wireBytes });
    assert.ok(remote.updates.behaviour.running?.equals(image));
    assert.deepEqual(remote.updates.steps, ['hashes image', 'write image', 'try image']);
  });

  it('sends all of it where that is asked for, or where hardly anything is the same', async () => {
    const { board, remote } = await scene();
    const image = changed(3);
    assert.equal((await board.flash(image, { delta: false })).wireBytes, image.length);
    const other = appImage({ size: 100_000, seed: 2 });
    assert.equal((await board.flash(other)).wireBytes, other.length);
    assert.ok(remote.updates.behaviour.running?.equals(other));
  });

  it('is not done again where that very image runs', async () => {
    const { board, remote } = await scene();
    assert.equal((await board.flash(RUNNING)).outcome, 'already');
    assert.deepEqual(remote.updates.steps, ['hashes image']);
    const image = changed(3);
    assert.equal((await board.flash(image, { delta: false })).outcome, 'updated');
    assert.equal((await board.flash(image, { delta: false })).outcome, 'already');
  });

  it('sends all of it where the blocks that were copied were not the right ones', async () => {
    const { board } = await scene({ failsAt: { write: 'corrupt SHA-256 differs' } });
    const image = changed(3);
    const { outcome, wireBytes } = await board.flash(image);
    assert.equal(outcome, 'updated');
    assert.ok(
      wireBytes < image.length,
      'once more as a delta first: the flash may have been at fault',
    );
  });

  it('tells that the boot loader, or the board, went back', async () => {
    const { board } = await scene({ becomes: { why: 'the boot loader went back' } });
    const { outcome, reason } = await board.flash(changed(3));
    assert.deepEqual([outcome, reason], ['rolled-back', 'the boot loader went back']);
  });

  it('is refused before anything is sent: for another chip, too large, or not whole', async () => {
    const { board, remote } = await scene();
    const refusal = async (image: Buffer) => {
      const error = await errorOf(board.flash(image));
      return error instanceof BoardFileError ? [error.reason, error.message] : [error.message];
    };
    const [needs, chip] = await refusal(appImage({ chip: 'esp32c3' }));
    assert.equal(needs, 'needs');
    assert.match(chip ?? '', /v?1.0.0 on.*it is for ESP32-C3, and the board is ESP32\./);
    assert.equal((await refusal(appImage({ size: 2 ** 21 + 16 })))[0], 'full');
    assert.ok((await errorOf(board.flash(RUNNING.subarray(0, 9000)))) instanceof InvalidInputError);
    assert.deepEqual(remote.updates.steps, []);
  });

  it('is refused, in words, by a board that takes no images', async () => {
    const { board } = await bench.scene(PREFIX, { updates: {} });
    const slots = (await errorOf(board.flash(RUNNING))) as BoardFileError;
    assert.deepEqual([slots.reason, slots.badge], ['slots', 'takes no images']);
    await bench.clear();
    const { board: older } = await bench.scene(PREFIX);
    assert.ok((await errorOf(older.flash(RUNNING))) instanceof BoardRefusedError);
  });
});

describe('The delta of two images', () => {
  const hashes = (image: Buffer) => {
    const padded = Buffer.alloc(Math.ceil(image.length / BLOCK_BYTES) * BLOCK_BYTES, 0xff);
    image.copy(padded);
    return [...Array(padded.length / BLOCK_BYTES).keys()].map((at) =>
      sha256(padded.subarray(at * BLOCK_BYTES, (at + 1) * BLOCK_BYTES)).slice(0, 8),
    );
  };
  /** As a board does it. */
  const build = (image: Buffer, running: Buffer) => {
    const { copies } = findDelta(image, hashes(running));
    const patch = patchOf(image, copies);
    const built = Buffer.alloc(image.length);
    let taken = 0;
    for (let block = 0; block * BLOCK_BYTES < image.length; block++) {
      const run = copies.find(([to, , count]) => block >= to && block < to + count);
      const from = run ? running : patch;
      const at = run ? (run[1] + block - run[0]) * BLOCK_BYTES : taken;
      const bytes = Math.min(BLOCK_BYTES, image.length - block * BLOCK_BYTES);
      from.copy(built, block * BLOCK_BYTES, at, at + bytes);
      if (!run) taken += bytes;
    }
    return { built, sent: patch.length, taken, copies };
  };

  it('makes the new one out of the running one and what is sent, wherever blocks went', () => {
    const moved = Buffer.concat([
      RUNNING.subarray(0, 5 * BLOCK_BYTES),
      Buffer.alloc(BLOCK_BYTES, 7),
      RUNNING.subarray(5 * BLOCK_BYTES),
      Buffer.alloc(777, 3),
    ]);
    for (const image of [changed(), changed(1, 39), moved, RUNNING.subarray(0, 99_999)]) {
      const { built, sent, taken } = build(image, RUNNING);
      assert.ok(built.equals(image));
      assert.equal(sent, taken);
      assert.ok(sent <= 6 * BLOCK_BYTES, `${sent}`);
    }
  });

  it('copies in long runs, and at most a hundred', () => {
    assert.deepEqual(build(changed(10), RUNNING).copies, [
      [1, 1, 9],
      [11, 11, 29],
    ]);
    const large = appImage({ size: 400 * BLOCK_BYTES, seed: 3 });
    const other = Buffer.from(large);
    for (let block = 0; block < 400; block += 2) other.write('x', block * BLOCK_BYTES + 290);
    const { built, copies } = build(other, large);
    assert.equal(copies.length, 100);
    assert.ok(built.equals(other));
  });

  it('says when all blocks are in their places', () => {
    assert.equal(findDelta(RUNNING, hashes(RUNNING)).same, true);
    assert.equal(findDelta(RUNNING, [...hashes(RUNNING), 'ffffffff']).same, true);
    assert.equal(findDelta(RUNNING, hashes(changed(3))).same, false);
    assert.equal(findDelta(RUNNING, hashes(RUNNING).slice(0, -1)).same, false);
  });
});
