import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Workbench } from '../../core/support';
import { type Cut, DoomedBoard } from '../../support/power-sweep';
import { hostAt, stageOf } from '../../support/stage';
import {
  IMAGES,
  known,
  look,
  prepareFlashes,
  type Scene,
  type SceneName,
  sceneNames,
  scenesOf,
} from '../../support/update-scenes';
import { configuration, Flashes } from '../../support/updated-board';

/** `all`: after each single change of the flash. Else after so many of a scene and chip, at places that differ each time. */
const SWEEP = process.env.MQBOARD_SWEEP ?? '2';
const IS_LONG = SWEEP === 'all' || Number(SWEEP) > 10;
/** How many boards of a chip share its cuts. */
const LANES = IS_LONG ? 3 : 1;
const CHIPS = ['esp32', 'rp2'] as const;

/** The state of the boot is in NVS on the one chip, and in a file on the other. */
interface Lane {
  chip: (typeof CHIPS)[number];
  flashes: Flashes;
  scenes: Record<SceneName, Scene>;
}

describe('A board whose power fails', () => {
  const bench = new Workbench();
  const folder = mkdtempSync(join(tmpdir(), 'mqboard-cuts-'));
  const lanes: Lane[] = [];
  let cuts = 0;

  before(async function () {
    this.timeout(120_000);
    const stage = await stageOf('aedes', bench);
    const connection = await hostAt(stage, bench);
    const lane = async (chip: Lane['chip'], n: number) => {
      const options = { prefix: `cut/${chip}-${n}`, chip, image: IMAGES[0] };
      const flashes = new Flashes(stage, bench, connection, folder, options);
      await prepareFlashes(flashes);
      const config = await flashes.with('first', ({ board }) => configuration(board, 'second'));
      lanes.push({ chip, flashes, scenes: await scenesOf(config) });
    };
    const numbers = Array.from({ length: LANES }, (_, n) => n);
    await Promise.all(CHIPS.flatMap((chip) => numbers.map((n) => lane(chip, n))));
  });
  after(async () => {
    await bench.clear();
    rmSync(folder, { recursive: true, force: true });
    console.log(`      ${cuts} power cuts, 0 boards lost`);
  });

  for (const name of sceneNames) {
    it(`in the middle of ${name} comes back with the old or the new, and gets through it at last`, async () => {
      const able = CHIPS.filter((chip) => chip === 'esp32' || name !== 'a firmware update');
      await Promise.all(able.map((chip) => sweep(chip, name)));
    }).timeout(IS_LONG ? 0 : 180_000);
  }

  async function sweep(chip: Lane['chip'], name: SceneName): Promise<void> {
    const [first, ...others] = lanes.filter((lane) => lane.chip === chip);
    assert.ok(first);
    const changes = await changesOf(first, name);
    const todo = places(changes);
    const before = cuts;
    const work = async (lane: Lane) => {
      for (let cut = todo.shift(); cut; cut = todo.shift()) await tryOne(lane, name, cut);
    };
    await Promise.all([first, ...others].map(work));
    if (IS_LONG) console.log(`      ${name}, ${chip}: ${changes} changes, ${cuts - before} cuts`);
  }

  /** How many changes of the flash it takes when the power stays. */
  function changesOf({ flashes, scenes }: Lane, name: SceneName): Promise<number> {
    const scene = scenes[name];
    return flashes.with(scene.from, async ({ virtual, board }) => {
      await known(board);
      const before = virtual.flashChanges;
      await scene.act(board, new AbortController().signal);
      scene.checkEnd(await look(board));
      return virtual.flashChanges - before;
    });
  }

  async function tryOne({ chip, flashes, scenes }: Lane, name: SceneName, cut: Cut): Promise<void> {
    const scene = scenes[name];
    try {
      await flashes.with(scene.from, async ({ virtual, board }) => {
        await known(board);
        const doomed = new DoomedBoard(virtual, board);
        if (await doomed.cutDuring(cut, (signal) => scene.act(board, signal))) cuts += 1;
        await known(board);
        scene.check(await look(board));
        await scene.finish(board);
        scene.checkEnd(await look(board));
      });
    } catch (error) {
      (error as Error).message +=
        `\n(${name}, ${chip}: after change ${cut.writes}${cut.torn ? ', torn' : ''})`;
      throw error;
    }
  }
});

/** Every fourth cut of a full sweep is tried torn as well; of a short one every second is. */
function places(changes: number): Cut[] {
  assert.ok(changes > 0);
  if (SWEEP === 'all') {
    return Array.from({ length: changes }, (_, i) => i + 1).flatMap((writes) => [
      { writes, torn: false },
      ...(writes % 4 === 0 ? [{ writes, torn: true }] : []),
    ]);
  }
  const count = Math.min(Number(SWEEP), changes);
  return Array.from({ length: count }, (_, i) => {
    const from = Math.floor((i * changes) / count) + 1;
    const to = Math.floor(((i + 1) * changes) / count) + 1;
    return { writes: randomInt(from, to), torn: i % 2 === 1 };
  });
}
