import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BoardInfo } from '../../core/index';
import { appImage } from '../../simulator';
import { HostV1, type ResetV1 } from '../support/host-v1';
import { slotContent } from '../support/images';
import { RawHost } from '../support/raw-host';

const PREFIX = 'old/ota';

describe('The original tool', () => {
  const flash = mkdtempSync(join(tmpdir(), 'mqboard-ota-'));
  let raw: RawHost;
  let tool: HostV1;

  before(async () => {
    const image = appImage({ seed: 30 });
    raw = await RawHost.start(PREFIX, { flash, image, config: 'update = {"confirm": 1}' });
    tool = await HostV1.connect(raw.broker.url, PREFIX, {});
  });

  after(async () => {
    await tool.close();
    await raw.stop();
    rmSync(flash, { recursive: true });
  });

  const content = (size: number) => slotContent(flash, 'ota_1', size);
  const chosen = () => tool.eval('__import__("esp32").Partition(0).info()[4]');

  for (const size of [288, 1400, 1401, 4096, 8192, 8200, 100_000, 102_401, 300_000]) {
    it(`writes an image of ${size} bytes, and the partition equals it`, async () => {
      const image = appImage({ size, seed: size });
      // Each would fall back on the one that the next replaces.
      await tool.eval('import boot_state; boot_state.save({})');
      assert.equal(await tool.ota(image), 'OK');
      assert.ok(content(size).equals(image));
      assert.equal(await chosen(), "'ota_1'");
    });
  }

  it('may write no second image while the first has yet to prove itself', async () => {
    const before = content(300_000);
    await assert.rejects(tool.ota(appImage({ seed: 31 })), /is on trial/);
    assert.ok(content(300_000).equals(before));
    await tool.eval('import boot_state; boot_state.save({})');
  });

  it('is told when the image is not the one that its SHA-256 says, and nothing is chosen', async () => {
    await tool.eval('__import__("esp32").Partition("ota_0").set_boot()');
    const image = appImage({ seed: 32 });
    await assert.rejects(tool.ota(image, { sha: '0'.repeat(64) }), /not the image/);
    await assert.rejects(tool.ota(image, { sha: 'nonsense' }), /ota/);
    assert.equal(await chosen(), "'ota_0'");
  });

  for (const [what, image, words] of [
    ['for another chip', appImage({ chip: 'esp32c3' }), /ESP32-C3/],
    ['of a whole flash', Buffer.alloc(5000, 0xff), /whole flash/],
    ['larger than the partition', appImage({ size: 1_572_865 }), /1572864/],
  ] as const) {
    it(`is told of an image ${what}`, async () => {
      await assert.rejects(tool.ota(image), words);
      assert.equal(await chosen(), "'ota_0'");
    }).timeout(60_000);
  }

  describe('by messages', () => {
    const image = appImage({ size: 14_000, seed: 33 });
    let count = 0;

    const send = (id: string, n: number, data: Buffer, last = false) => {
      const header = Buffer.from([(last ? 128 : 0) | (n >> 8), n & 255]);
      return raw.client.publishAsync(
        `${PREFIX}/mqb/cmd/ota/${id}/${SHA}`,
        Buffer.concat([header, data]),
        { qos: 1 },
      );
    };
    const SHA = require('node:crypto').createHash('sha256').update(image).digest('hex');
    const part = (n: number) => image.subarray(n * 1400, (n + 1) * 1400);
    const answer = async (id: string) => {
      const { topic, payload } = await raw.message(({ topic }) => topic.endsWith(`/${id}`));
      return `${topic.split('/').at(-2)} ${payload.toString('latin1')}`;
    };
    const newId = () => `otaota${String(++count).padStart(2, '0')}`;

    it('that come twice changes nothing by the second', async () => {
      const id = newId();
      for (const n of [0, 0, 1, 2, 1, 0, 3, 4, 5, 6, 7, 8, 8, 9])
        await send(id, n, part(n), n === 9);
      assert.equal(await answer(id), 'out \xff\xffSEQ 8');
      assert.equal(await answer(id), 'out \xff\xffOK');
      assert.ok(content(image.length).equals(image));
      await tool.eval(
        'import boot_state; boot_state.save({})\n__import__("esp32").Partition("ota_0").set_boot()',
      );
    });

    it('of which one is missing ends with an error', async () => {
      const id = newId();
      for (const n of [0, 1, 3]) await send(id, n, part(n));
      assert.match(await answer(id), /^err message 3 came, and 2 did not/);
      assert.equal(await chosen(), "'ota_0'");
    });

    it('from the middle on is told to begin anew', async () => {
      const id = newId();
      await send(id, 5, part(5));
      assert.match(await answer(id), /^err the beginning is missing/);
    });
  });

  describe('resets the board', () => {
    /** The first birth message that the restarted board publishes. */
    async function after(how: ResetV1): Promise<[string, BoardInfo]> {
      const boot = await tool.eval('__import__("boot_id").number');
      const reply = await tool.reset(how);
      const { payload } = await raw.message(
        ({ topic, payload }) =>
          topic.endsWith('/info') && String(JSON.parse(payload.toString()).boot) !== boot,
        20_000,
      );
      return [reply, JSON.parse(payload.toString())];
    }

    for (const [how, mode, reset] of [
      ['safe', 'safe', 'intended'],
      ['normal', 'normal', 'intended'],
      ['soft', 'normal', 'soft'],
      ['safemode', 'safe', 'intended'],
      ['normalmode', 'normal', 'intended'],
    ] as const) {
      it(`by --${how}, and hears an empty answer before`, async () => {
        const [reply, info] = await after(how);
        assert.deepEqual([reply, info.mode, info.reset], ['', mode, reset]);
      });
    }

    it('by --hard, and hears nothing', async () => {
      const [reply, info] = await after('hard');
      assert.deepEqual([reply, info.mode, info.reset], ['nothing', 'normal', 'unexplained']);
    });
  });

  it('brings an image into service by ota and reset, whichever reset it is', async () => {
    for (const [how, slot] of [
      ['normal', 'ota_1'],
      ['hard', 'ota_0'],
    ] as const) {
      assert.equal(await tool.ota(appImage({ version: '7.7', seed: slot.length })), 'OK');
      const confirmed = raw.message(
        ({ topic, payload }) =>
          topic.endsWith('/info') &&
          /"state": "confirmed"/.test(payload.toString()) &&
          payload.includes(`"slot": "${slot}"`),
        20_000,
      );
      await tool.reset(how);
      const info = JSON.parse((await confirmed).payload.toString());
      assert.deepEqual([info.mode, info.image.slot], ['normal', slot]);
      assert.deepEqual([info.update.what, info.update.version], ['image', '7.7']);
    }
  });
});
