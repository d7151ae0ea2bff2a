import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appImage } from '../../simulator';
import { sha256 } from '../support/contents';
import { FileHost, type Outcome } from '../support/file-host';
import { BLOCK, difference, slotContent, writeImage } from '../support/images';

const SLOT_BYTES = 1536 * 1024;
const OLD = appImage({ size: 60 * BLOCK, seed: 7, version: '1.1' });

/** The code and the sentence of a command that failed. */
function failure({ kind, text }: Outcome): string {
  assert.equal(kind, 'f', text);
  return text;
}

describe('A firmware image, written by the board,', () => {
  const flash = mkdtempSync(join(tmpdir(), 'mqboard-ota-'));
  let host: FileHost;

  before(async () => {
    host = await FileHost.start('ota/write', { flash, image: OLD });
  });

  after(async () => {
    await host.stop();
    rmSync(flash, { recursive: true });
  });

  const content = (size: number) => slotContent(flash, 'ota_1', size);

  for (const size of [288, BLOCK - 1, BLOCK, BLOCK + 1, 5 * BLOCK, 123_457]) {
    it(`of ${size} bytes lies in the partition that does not run, byte for byte`, async () => {
      const image = appImage({ size, seed: size });
      const { kind, text } = await writeImage(host, image);
      assert.deepEqual([kind, JSON.parse(text)], ['v', { size, at: 0 }]);
      assert.ok(content(size).equals(image));
      const end = Math.ceil(size / BLOCK) * BLOCK;
      assert.ok(
        content(end)
          .subarray(size)
          .every((byte) => byte === 0xff),
      );
    });
  }

  it('is right when frames are lost, repeated and deflated', async () => {
    const image = Buffer.concat([appImage({ size: 50_000, seed: 2 }), Buffer.alloc(50_000, 'x')]);
    let sent = 0;
    const { kind, asked } = await writeImage(host, image, {
      chunk: 4000,
      deflate: true,
      before(n) {
        if (n > 500) host.send('d', host.id, n - 500, image.subarray(n - 500, n + 9));
        sent += 1;
        return ![1, 6, 11].includes(sent);
      },
    });
    assert.equal(kind, 'v');
    assert.equal(asked.length, 3);
    assert.ok(content(image.length).equals(image));
  });

  it('is not sent again when it is there already', async () => {
    const image = appImage({ size: 20_000, seed: 3 });
    await writeImage(host, image);
    const { text, end } = await writeImage(host, image);
    assert.deepEqual([JSON.parse(text), end], [{ size: 20_000, at: 20_000 }, 0]);
  });

  it('takes no flash for what lies in the partition already', async () => {
    const image = appImage({ size: 12 * BLOCK, seed: 4 });
    await writeImage(host, image);
    await host.eval('import esp32\nwrites = []\nwrite = esp32.Partition.writeblocks');
    await host.eval(
      'def counted(p, n, *rest):\n writes.append(n)\n write(p, n, *rest)\nesp32.Partition.writeblocks = counted',
    );
    const changed = Buffer.from(image);
    changed[5 * BLOCK] = (changed[5 * BLOCK] ?? 0) ^ 1;
    await writeImage(host, changed);
    assert.equal(await host.eval('esp32.Partition.writeblocks = write\nprint(writes)'), '[5]\n');
    assert.ok(content(changed.length).equals(changed));
  });

  it('is corrupt when what arrived is not what was meant, and is sent as a whole the next time', async () => {
    const image = appImage({ size: 30_000, seed: 5 });
    const spoilt = Buffer.from(image);
    spoilt[20_000] = (spoilt[20_000] ?? 0) ^ 4;
    assert.match(failure(await writeImage(host, image, { data: spoilt })), /^corrupt /);
    const tried = await host.finish(
      host.begin('ota', { step: 'try', sha: sha256(image), id: '1', version: '2' }),
    );
    assert.match(failure(tried), /^corrupt this image is not on the board/);
    const { text } = await writeImage(host, image);
    assert.equal(JSON.parse(text).at, 0);
  });

  it('is refused while another one is written', async () => {
    const image = appImage({ size: 50_000, seed: 6 });
    const id = host.begin('ota', {
      step: 'write',
      size: image.length,
      sha: sha256(image),
      head: image.toString('base64', 0, 288),
    });
    const first = host.frame(id);
    await first;
    const second = await writeImage(host, appImage({ seed: 8 }));
    assert.match(`${second.kind} ${second.text}`, /^r busy /);
    host.send('x', id);
    assert.equal((await host.finish(id)).kind, 's');
  });

  describe('as a delta', () => {
    it('gets the hashes of the blocks that run', async () => {
      const { output, text } = await host.finish(host.begin('ota', { step: 'hashes' }));
      assert.deepEqual(JSON.parse(text), { blocks: SLOT_BYTES / BLOCK });
      const said = output.match(/.{8}/g) ?? [];
      assert.equal(said.length, SLOT_BYTES / BLOCK);
      for (let n = 0; n < 60; n++) {
        const hash = sha256(OLD.subarray(n * BLOCK, (n + 1) * BLOCK));
        assert.equal(said[n], hash.slice(0, 8));
      }
      assert.equal(said[383], sha256(Buffer.alloc(BLOCK, 0xff)).slice(0, 8));
    });

    const old = (from: number, to: number) => OLD.subarray(from * BLOCK, to * BLOCK);
    const fresh = (seed: number, size: number) =>
      appImage({ size: size + BLOCK, seed }).subarray(BLOCK);
    const begin = appImage({ size: 2 * BLOCK, seed: 9 });

    for (const [what, image] of Object.entries({
      'begins anew': Buffer.concat([begin, old(2, 50)]),
      'ends anew, in the middle of a block': Buffer.concat([old(0, 40), fresh(1, 777)]),
      'has blocks moved and repeated': Buffer.concat([
        old(0, 3),
        old(30, 40),
        fresh(2, BLOCK),
        old(3, 20),
        old(3, 5),
        fresh(3, 5000),
      ]),
      'has nothing of the old one': appImage({ size: 9 * BLOCK + 5, seed: 10 }),
      'has nothing else': old(0, 7),
    })) {
      it(`is right when it ${what}`, async () => {
        const { copies, patch } = difference(image, OLD);
        const sent: number[] = [];
        const { kind, text } = await writeImage(host, image, {
          head: { copies, patch: patch.length },
          data: patch,
          before: (n) => sent.push(n) > 0,
        });
        assert.deepEqual([kind, JSON.parse(text)], ['v', { size: image.length, at: 0 }]);
        assert.ok(content(image.length).equals(image));
        assert.ok(patch.length > 0 || sent.length === 0);
      });
    }

    for (const [what, head] of Object.entries({
      'overlaps itself': {
        copies: [
          [0, 0, 3],
          [2, 5, 1],
        ],
        patch: BLOCK,
      },
      'ends behind the image': { copies: [[8, 0, 3]], patch: 8 * BLOCK },
      'copies what is behind the partition': { copies: [[0, 383, 2]], patch: 8 * BLOCK },
      'copies what is before it': { copies: [[0, -1, 2]], patch: 8 * BLOCK },
      'has runs of nothing': { copies: [[0, 0, 0]], patch: 10 * BLOCK },
      'has another size than it says': { copies: [[0, 0, 3]], patch: 6 * BLOCK },
      'does not say its size': { copies: [[0, 0, 3]] },
      'is none': { copies: 'all', patch: 0 },
    })) {
      it(`is refused when it ${what}`, async () => {
        const before = content(SLOT_BYTES);
        const outcome = await writeImage(host, appImage({ size: 10 * BLOCK }), { head });
        assert.match(failure(outcome), /^bad /);
        assert.ok(content(SLOT_BYTES).equals(before));
      });
    }
  });

  describe('is refused before anything is erased', () => {
    const good = appImage();
    const loader = Buffer.from(good);
    loader.fill(0, 32, 36);
    for (const [what, image, words] of [
      ['when it is for another chip', appImage({ chip: 'esp32s3' }), /^needs .*ESP32-S3.*ESP32$/],
      [
        'when it is larger than the partition',
        appImage({ size: SLOT_BYTES + 1 }),
        /^full .*1572865/,
      ],
      ['when it is a boot loader', loader, /^bad .*boot loader/],
      [
        'when it is for a whole flash',
        Buffer.concat([Buffer.alloc(4096, 0xff), good]),
        /^bad .*whole flash/,
      ],
      ['when it is something else', Buffer.alloc(5000, 'text'), /^bad .*no firmware image/],
      ['when it is cut short', good.subarray(0, 287), /^bad .*cut short/],
      ['when it is empty', Buffer.alloc(0), /^bad .*cut short/],
    ] as const) {
      it(what, async () => {
        const before = content(SLOT_BYTES);
        const outcome = await writeImage(host, image);
        assert.match(failure(outcome), words);
        assert.equal(outcome.end, 0, 'nothing was asked for');
        assert.ok(content(SLOT_BYTES).equals(before));
      });
    }

    it('when its beginning is not the one that was shown, it is not chosen', async () => {
      const other = appImage({ chip: 'esp32s3', seed: 11 });
      const shown = good.toString('base64', 0, 288);
      const written = await writeImage(host, other, { head: { head: shown } });
      assert.match(failure(written), /^needs /);
    });

    it('when a key is missing', async () => {
      for (const key of ['size', 'sha', 'head']) {
        const outcome = await writeImage(host, good, { head: { [key]: undefined } });
        assert.match(failure(outcome), /^bad /);
      }
      const unknown = await host.finish(host.begin('ota', { step: 'burn' }));
      assert.match(failure(unknown), /^bad /);
    });
  });

  it('is known in what the board says of itself', async () => {
    const info = await host.eval(
      'import presence, json\nprint(json.dumps(presence.present._facts["image"]))',
    );
    assert.deepEqual(JSON.parse(info), { slot: 'ota_0', size: SLOT_BYTES, chip: 0 });
  });
});

describe('A board without two app partitions', () => {
  for (const [what, options, words] of [
    ['that has the default table of 4 MiB', { partitions: 'factory' }, /one app partition/],
    ['that is no ESP32', { chip: 'rp2' }, /only an ESP32/],
  ] as const) {
    it(`${what} says so in words`, async () => {
      const host = await FileHost.start('ota/none', options);
      try {
        assert.match(failure(await writeImage(host, appImage())), words);
        const hashes = await host.finish(host.begin('ota', { step: 'hashes' }));
        assert.match(failure(hashes), /^slots /);
        assert.equal(
          await host.eval('import presence\nprint("image" in presence.present._facts)'),
          'False\n',
        );
      } finally {
        await host.stop();
      }
    });
  }
});
