import assert from 'node:assert/strict';
import { checkImage, InvalidInputError, parseImageHeader } from '../../core/index';
import { appImage, sealImage } from '../../simulator/app-image';

const refusal = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof InvalidInputError, `${error}`);
    assert.equal(error.code, 'BAD_IMAGE');
    return error.message;
  }
  throw new Error('It should have been refused, and was not.');
};

describe('The header of a firmware image', () => {
  it('tells the chip, the versions and when it was built', () => {
    const image = appImage({ chip: 'esp32s3', version: 'v1.26.1' });
    assert.deepEqual(parseImageHeader(image), {
      chip: 9,
      chipName: 'ESP32-S3',
      version: 'v1.26.1',
      project: 'micropython',
      date: 'Nov 22 2026 12:00:00',
      idf: 'v5.2.2',
    });
  });

  it('is not that of something else', () => {
    assert.match(
      refusal(() => parseImageHeader(Buffer.alloc(0))),
      /more than 0 bytes.*cut short/,
    );
    assert.match(
      refusal(() => parseImageHeader(Buffer.alloc(5000))),
      /no firmware image/,
    );
    const bootLoader = appImage();
    bootLoader.writeUInt32LE(80, 32);
    assert.match(
      refusal(() => parseImageHeader(bootLoader)),
      /boot loader.*app-bin/s,
    );
  });

  for (const [chip, at] of [
    ['an ESP32', 0x7000],
    ['newer chips', 0x8000],
  ] as const) {
    it(`is not that of an image of the whole flash, as MicroPython has them for ${chip}`, () => {
      const flash = Buffer.alloc(0x20000, 0xff);
      flash.set([0xe9, 3, 2, 0x20], 0);
      flash.writeUInt16LE(0x50aa, at);
      appImage().copy(flash, at + 0x8000);
      assert.match(
        refusal(() => parseImageHeader(flash)),
        /whole flash.*app-bin/s,
      );
    });
  }

  it('stays one where the code happens to hold the mark of a partition table', () => {
    const image = appImage();
    image.writeUInt16LE(0x50aa, 0x8000);
    sealImage(image);
    assert.equal(checkImage(image).chipName, 'ESP32');
  });
});

describe('A firmware image', () => {
  for (const size of [352, 400, 40_000, 40_001, 65_535]) {
    it(`of ${size} bytes is whole`, () => {
      assert.equal(checkImage(appImage({ size })).project, 'micropython');
    });
  }

  it('is recognised wherever it is cut short', () => {
    const image = appImage({ size: 4096 });
    for (const length of [287, 288, 300, 2000, 4063, 4064, 4095]) {
      assert.match(
        refusal(() => checkImage(image.subarray(0, length))),
        /cut short/,
        `${length}`,
      );
    }
  });

  it('is recognised wherever a bit of it is wrong', () => {
    const image = appImage({ size: 4096 });
    for (const at of [1, 20, 31, 100, 2000, 4063, 4095]) {
      const wrong = Buffer.from(image);
      wrong[at] = (wrong[at] ?? 0) ^ 64;
      assert.match(
        refusal(() => checkImage(wrong)),
        /damaged|cut short/,
        `at ${at}`,
      );
    }
  });

  it('needs no SHA-256, and may have a signature behind it', () => {
    const image = appImage({ size: 4096 });
    image[23] = 0;
    assert.equal(checkImage(image.subarray(0, 4064)).chip, 0);
    image[23] = 1;
    assert.equal(checkImage(Buffer.concat([image, Buffer.alloc(4096, 7)])).chip, 0);
  });
});
