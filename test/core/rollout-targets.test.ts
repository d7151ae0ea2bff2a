import assert from 'node:assert/strict';
import { cargoOf, unpack } from '../../core/fleet/rollout/content';
import { filterOf } from '../../core/fleet/rollout/plan';
import { findTargets } from '../../core/fleet/rollout/targets';
import { type BoardFilter, type BoardInfo, InvalidInputError } from '../../core/index';
import type { UpdateTarget } from '../../core/protocol/update-info';
import { appImage } from '../../simulator/app-image';
import { Crowd } from '../support/crowd';
import { appRelease } from './rollout-support';

const info = (more: object) => ({ info: more as Partial<BoardInfo> });
const image = { slot: 'ota_0', size: 1_000_000, chip: 9 };

const crowd = new Crowd({
  'hall/a': info({ machine: 'Generic ESP32 module with ESP32', tags: ['oven', 'new'] }),
  'hall/b': info({ machine: 'LOLIN S3 with ESP32S3', image }),
  'yard/c': info({
    machine: 'Raspberry Pi Pico W with RP2040',
    releases: { app: { name: 'x', version: '1.9' } },
  }),
  'yard/d': info({ machine: 'ESP32 module (spiram) with ESP32', fw: '0.3.0', mpy: '1.27.0' }),
});

const found = (filter: string[] | BoardFilter, what: UpdateTarget = 'app') =>
  findTargets(filterOf(filter), crowd.site().boards(), what);

describe('The targets of a roll-out', () => {
  it('are named, or meant by patterns, in the order in which they are named', () => {
    assert.deepEqual(found(['yard/d', 'hall/+']), ['yard/d', 'hall/a', 'hall/b']);
    assert.deepEqual(found(['#', 'yard/c']), ['yard/c', 'hall/a', 'hall/b', 'yard/d']);
    assert.deepEqual(found(['attic/never-heard-of']), ['attic/never-heard-of']);
    assert.deepEqual(found({}).length, 4);
  });

  it('may be those of a chip, however it is written', () => {
    for (const chip of ['esp32', 'ESP32', 'ESP-32']) {
      assert.deepEqual(found({ chip }), ['hall/a', 'yard/d']);
    }
    for (const chip of ['esp32s3', 'ESP32-S3']) assert.deepEqual(found({ chip }), ['hall/b']);
    assert.deepEqual(found({ machine: 'pico w' }), ['yard/c']);
  });

  it('may be those with a tag, and never a board of which nothing is known', () => {
    assert.deepEqual(found({ tag: 'oven' }), ['hall/a']);
    assert.deepEqual(found({ tag: 'oven', boards: ['hall/b', 'nobody'] }), []);
  });

  it('may be those below a version of what is sent', () => {
    assert.deepEqual(found({ below: '2.0' }), ['hall/a', 'hall/b', 'yard/c', 'yard/d']);
    assert.deepEqual(found({ below: '1.9' }), ['hall/a', 'hall/b', 'yard/d']);
    assert.deepEqual(found({ below: '0.9' }, 'framework'), ['yard/d']);
    assert.deepEqual(found({ below: '1.27.0' }, 'image'), ['hall/a', 'hall/b', 'yard/c']);
  });

  it('are refused where they cannot be names', () => {
    for (const targets of [[], ['a/#/b'], ['+x'], [''], { boards: [7 as unknown as string] }]) {
      assert.throws(() => filterOf(targets), InvalidInputError, JSON.stringify(targets));
    }
  });
});

describe('A filter of boards, as a flow may give it', () => {
  const wrong: Array<[filter: unknown, why: RegExp]> = [
    [{ tags: 'oven' }, /has the keys boards, chip.* and not "tags"/],
    [{ chip: 32 }, /"chip" is a text, and not 32/],
    [{ tag: undefined }, /"tag" is a text, and not undefined/],
    [{ boards: 'hall/a' }, /"boards" is a list of names/],
    [{ boards: null }, /"boards" is a list of names/],
  ];
  for (const [filter, why] of wrong) {
    it(`does not mean boards that nobody meant where it is ${JSON.stringify(filter)}`, () => {
      assert.throws(() => filterOf(filter as BoardFilter), {
        name: 'InvalidInputError',
        message: why,
      });
    });
  }
});

describe('What a roll-out sends', () => {
  it('is kept, and is the same again: a release', async () => {
    const release = await appRelease();
    const cargo = cargoOf({ release });
    const again = unpack(cargo.pack(), cargo.version);
    assert.ok('release' in again);
    assert.deepEqual(again.release, release);
    assert.equal(cargoOf(again).key, cargo.key);
  });

  it('is kept, and is the same again: an image, by whatever name', () => {
    const bytes = appImage({ version: 'v1.27.0' });
    const own = cargoOf({ image: bytes });
    const cargo = cargoOf({ image: bytes, version: 'ours-7' });
    assert.equal(own.version, 'v1.27.0');
    assert.equal(own.key, cargo.key);
    assert.deepEqual(unpack(cargo.pack(), 'ours-7'), { image: bytes, version: 'ours-7' });
    assert.throws(() => cargoOf({ image: bytes.subarray(0, -20) }), /cut short/);
  });

  it('is on a board only when that says so, whole and for good', async () => {
    const app = cargoOf({ release: await appRelease() });
    const says = (releases: object, update?: object) =>
      app.isOn({ releases: { app: releases }, update } as unknown as BoardInfo);
    const trial = { id: '1', what: 'app', version: '2.0.0', state: 'trial' };
    assert.equal(says({ name: 'oven', version: '2.0.0' }), true);
    assert.equal(says({ name: 'oven', version: '2.0.0' }, { ...trial, state: 'confirmed' }), true);
    assert.equal(says({ name: 'oven', version: '2.0.0' }, trial), false);
    assert.equal(says({ name: 'oven', version: '2.0.0' }, { ...trial, what: 'config' }), true);
    assert.equal(says({ name: 'oven', version: '2.0.0', modified: true }), false);
    assert.equal(says({ name: 'oven', version: '2.0.1' }), false);
    assert.equal(app.isOn({} as BoardInfo), false);
  });
});
