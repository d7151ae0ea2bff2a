import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { VirtualBoard } from '../../simulator';
import { tinyBoard } from '../support/tiny-board';

/** Writes /file again and again, each time whole, and says so after each. */
const WRITER = `
import os
try:
    with open("/file") as file:
        content = file.read()
    print("found", len(content), content[:1], content == content[:1] * len(content))
except OSError:
    print("found nothing")
for letter in LETTERS:
    with open("/new", "w") as file:
        file.write(letter * 5000)
    os.rename("/new", "/file")
    print("wrote", letter)
`;

describe('A power cut that is counted in changes of the flash', () => {
  let board: VirtualBoard;

  const create = (letters = 'abc') => {
    const main = WRITER.replace('LETTERS', JSON.stringify(letters));
    board = tinyBoard(main, { runtime: 'unix' });
    return board;
  };
  const said = (word: string) => board.lines.filter((line) => line.startsWith(word));

  /** Starts the board and waits until its program or its power is at its end. */
  async function run(): Promise<number> {
    const ended = new Promise<void>((resolve) => {
      board.removeAllListeners();
      board.once('power-cut', resolve);
      board.on('line', (line) => line.startsWith('>>> ') && resolve());
    });
    await board.start();
    await ended;
    return board.flashChanges;
  }

  afterEach(() => board.stop());

  it('is never earlier or later than asked for, and nothing runs after it', async () => {
    create();
    const all = await run();
    assert.ok(all > 3 * 40, `${all} changes for three files of 5000 bytes`);
    for (const writes of [1, 40, 41, 100, all - 1]) {
      await board.powerCut();
      board.cutPowerAfter(writes);
      assert.equal(await run(), writes);
      assert.equal(board.lines.at(-1), '[power off]');
      assert.equal(said('>>>').length, 0);
    }
  });

  it('happens while the program runs, from where it is', async () => {
    const main = `
import time
while True:
    open("/x", "w").write("x" * 3000)
    print("wrote")
    time.sleep_ms(2)`;
    board = tinyBoard(main, { runtime: 'unix' });
    await board.start();
    await board.waitForLine(/^wrote/);
    const cut = once(board, 'power-cut');
    const before = board.flashChanges;
    board.cutPowerAfter(2000);
    await cut;
    const writes = board.flashChanges - before;
    assert.ok(writes >= 2000 && writes < 4000, `${writes} writes`); // it wrote while we looked
  });

  it('leaves exactly the blocks that were written: the file is an old or a new one', async () => {
    create('ab');
    const found = new Set<string>();
    let writes = 0;
    do {
      writes += 7;
      await board.powerCut();
      board.cutPowerAfter(writes, { torn: writes % 2 === 0 });
      await run();
      const [line = 'found'] = said('found');
      assert.match(line, /^found (nothing|5000 . True)$/);
      found.add(line);
    } while (!said('>>>').length);
    await board.powerCut();
    await run();
    found.add(said('found')[0] ?? '');
    assert.deepEqual([...found].sort(), [
      'found 5000 a True',
      'found 5000 b True',
      'found nothing',
    ]);
  });

  it('that is torn lets half of the last write arrive', async () => {
    const written = async (torn: boolean) => {
      const flash = mkdtempSync(join(tmpdir(), 'mqboard-torn-'));
      const main = 'open("/file", "w").write("x" * 4096)';
      board = tinyBoard(main, { runtime: 'unix', flash });
      board.cutPowerAfter(10, { torn });
      await run();
      await board.stop();
      const content = readFileSync(join(flash, 'flash.lfs2'), 'latin1');
      rmSync(flash, { recursive: true });
      return /x{64,}/.exec(content)?.[0].length ?? 0;
    };
    const whole = await written(false);
    assert.ok(whole > 0 && whole % 128 === 0, `${whole} bytes`);
    assert.equal(await written(true), whole - 64);
  });

  it('comes after erases, commits of NVS, and changes of partitions and of the choice among them, too', async () => {
    const main = `
import esp32
nvs = esp32.NVS("space")
def found(key):
    try:
        return nvs.get_i32(key)
    except OSError:
        return None
slot = esp32.Partition(esp32.Partition.RUNNING).get_next_update()
head = bytearray(2)
slot.readblocks(0, head)
print("found", found("a"), found("b"), bytes(head), esp32.Partition(0).info()[4])
nvs.set_i32("a", 1)
nvs.set_i32("b", 2)
nvs.commit()
slot.writeblocks(0, b"\\xe9\\x01" * 2048)
slot.set_boot()
esp32.Partition.mark_app_valid_cancel_rollback()`;
    const after = async (changes: number, torn = false) => {
      await board?.stop();
      board = tinyBoard(main, { runtime: 'unix' });
      board.cutPowerAfter(changes, { torn });
      assert.equal(await run(), changes);
      await board.start();
      return board.waitForLine(/^found/);
    };
    assert.equal(await after(1, true), "found 1 None b'\\xff\\xff' ota_0");
    assert.equal(await after(1), "found 1 2 b'\\xff\\xff' ota_0");
    assert.equal(await after(2), "found 1 2 b'\\xff\\xff' ota_0");
    assert.equal(await after(3, true), "found 1 2 b'\\xe9\\x01' ota_0");
    assert.equal(await after(4), "found 1 2 b'\\xe9\\x01' ota_0");
    assert.match(await after(5), / ota_1$/);
    assert.match(await after(6), / ota_0$/, 'marking it valid erased the choice first');
  });

  it('is forgotten when the power goes for another reason', async () => {
    create();
    await run();
    board.cutPowerAfter(3);
    await board.powerCut();
    await run();
    assert.equal(said('>>>').length, 1);
  });

  it('is refused where there are no blocks, and for a number that is none', () => {
    board = tinyBoard('');
    assert.throws(() => board.cutPowerAfter(1), /only the unix runtime/);
    board = tinyBoard('', { runtime: 'unix' });
    assert.throws(() => board.cutPowerAfter(0), /0 changes cannot be counted/);
  });
});
