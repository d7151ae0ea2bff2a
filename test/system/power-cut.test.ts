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

describe('A power cut that is counted in block writes', () => {
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
    return board.blockWrites;
  }

  afterEach(() => board.stop());

  it('is never earlier or later than asked for, and nothing runs after it', async () => {
    create();
    const all = await run();
    assert.ok(all > 3 * 40, `${all} writes for three files of 5000 bytes`);
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
    const before = board.blockWrites;
    board.cutPowerAfter(2000);
    await cut;
    const writes = board.blockWrites - before;
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
    assert.throws(() => board.cutPowerAfter(0), /0 writes cannot be counted/);
  });
});
