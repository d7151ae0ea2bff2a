import assert from 'node:assert/strict';
import { describeAsyncio } from '../support/asyncio-behaviour';
import { describeChip } from '../support/board-behaviour';
import { describeFirmwareOn } from '../support/firmware-behaviour';
import { describeAir } from '../support/network-behaviour';
import { tinyBoard } from '../support/tiny-board';

describe('a virtual board on the unix port', () => {
  describeChip('unix');
  describe('its network', () => describeAir('unix'));
  describe('its asyncio', () => describeAsyncio('unix'));
  describe('with the firmware', () => describeFirmwareOn('unix'));

  it('keeps to its heap', async () => {
    const board = tinyBoard('print("big enough", len(bytearray(100000)))', {
      runtime: 'unix',
      heap: '96k',
    });
    try {
      await board.start();
      await board.waitForLine(/^MemoryError/);
    } finally {
      await board.stop();
    }
  });

  it('leaves the heap that was asked for to the firmware', async () => {
    const main = 'import gc\ngc.collect()\nprint("free", gc.mem_free())';
    const board = tinyBoard(main, { runtime: 'unix', heap: '96k' });
    try {
      await board.start();
      const [, free] = (await board.waitForLine(/^free/)).split(' ').map(Number);
      assert.ok((free ?? 0) > 93 * 1024 && (free ?? 0) < 97 * 1024, `${free} bytes`);
    } finally {
      await board.stop();
    }
  });

  it('says that its heap is too small to start with', async () => {
    const board = tinyBoard('', { runtime: 'unix', heap: '8k' });
    try {
      await assert.rejects(board.start(), /did not start with 8192 bytes of heap.*MemoryError/);
    } finally {
      await board.stop();
    }
  });
});
