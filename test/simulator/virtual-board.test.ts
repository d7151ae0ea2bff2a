import assert from 'node:assert/strict';
import { VirtualBoard } from '../../simulator';
import { describeAsyncio } from '../support/asyncio-behaviour';
import { describeChip } from '../support/board-behaviour';
import { describeFirmwareOn } from '../support/firmware-behaviour';
import { describeAir } from '../support/network-behaviour';
import { tinyBoard } from '../support/tiny-board';

describe('a virtual board in WebAssembly', () => {
  describeChip('wasm');
  describe('its network', () => describeAir('wasm'));
  describe('its asyncio', () => describeAsyncio('wasm'));
  describe('with the firmware', () => describeFirmwareOn('wasm'));

  it('frees memory while its program runs', async () => {
    const board = tinyBoard(`
import asyncio, gc
kept = [str(i) for i in range(500)]
async def main():
    for round in range(40):
        for i in range(50):
            bytearray(10000)
        await asyncio.sleep_ms(110 if round % 10 == 9 else 0)
    print("used", gc.mem_alloc(), kept == [str(i) for i in range(500)])
asyncio.run(main())`);
    try {
      await board.start();
      const [, used, intact] = (await board.waitForLine(/^used/)).split(' ');
      assert.ok(Number(used) < 8_000_000, `${used} bytes of 20 MB thrown away are still in use`);
      assert.equal(intact, 'True');
    } finally {
      await board.stop();
    }
  });

  it('has company: 30 boards start in one process', async () => {
    const boards = Array.from({ length: 30 }, (_, i) => tinyBoard(`print("board", ${i})`));
    try {
      await Promise.all(boards.map((board) => board.start()));
      await Promise.all(boards.map((board, i) => board.waitForLine(new RegExp(`^board ${i}$`))));
    } finally {
      await Promise.all(boards.map((board) => board.stop()));
    }
  }).timeout(60_000);

  it('refuses options that cannot be, in words', () => {
    const make = (options: object) => () =>
      new VirtualBoard({ url: 'mqtt://localhost', prefix: 'p', ...options });
    assert.throws(make({ url: 'http://localhost' }), /mqtt:\/\/host:port .* not http/);
    assert.throws(make({ heap: '12' }), /a heap is a size like 128k/);
    assert.throws(make({ flashSize: 'big' }), /a flash is a size like 896k/);
  });
});
