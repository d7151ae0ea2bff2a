import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BoardInfo } from '../../core/index';
import { appImage } from '../../simulator';
import { sha256 } from '../support/contents';
import { FileHost } from '../support/file-host';
import { slotContent, writeImage } from '../support/images';

const PREFIX = 'ota/trial';

describe('A firmware image on a board', () => {
  let flash: string;
  let host: FileHost;

  /** A board that confirms what was reached for `confirm` seconds. */
  async function start(confirm: number): Promise<void> {
    flash = mkdtempSync(join(tmpdir(), 'mqboard-ota-'));
    const config = `update = {"confirm": ${confirm}}`;
    host = await FileHost.start(PREFIX, { flash, config, image: appImage({ seed: 20 }) });
  }

  afterEach(async () => {
    await host.stop();
    rmSync(flash, { recursive: true });
  });

  /** The next birth message that says what is wanted. */
  async function info(wanted: (info: BoardInfo) => boolean) {
    const { payload } = await host.raw.message(
      ({ topic, payload }) =>
        topic.endsWith('/info') && wanted(JSON.parse(payload.toString()) as BoardInfo),
      20_000,
    );
    return JSON.parse(payload.toString());
  }

  const write = async (image: Buffer) => {
    const { kind, text } = await writeImage(host, image);
    assert.equal(kind, 'v', text);
    return JSON.parse(text);
  };
  const tryIt = (image: Buffer, id: string, version?: string) =>
    host.begin('ota', { step: 'try', sha: sha256(image), id, version });

  it('runs on trial after a try, and is confirmed when the board was reached', async () => {
    await start(1);
    const image = appImage({ version: '2.5', seed: 21 });
    await write(image);
    assert.equal((await host.finish(tryIt(image, 'first'))).text, '{}');
    const trial = await info(({ update }) => update !== undefined);
    assert.deepEqual(trial.update, { id: 'first', what: 'image', version: '2.5', state: 'trial' });
    assert.deepEqual([trial.mode, trial.reset, trial.image.slot], ['trial', 'intended', 'ota_1']);
    assert.match(trial.reason, /try image 2\.5/);
    const { update, mode, image: slots } = await info(({ update }) => update?.state !== 'trial');
    assert.deepEqual([update.state, mode, slots.slot], ['confirmed', 'normal', 'ota_1']);
    // The next one goes where the first one was.
    await host.hello();
    const next = appImage({ seed: 22 });
    await write(next);
    assert.ok(slotContent(flash, 'ota_0', next.length).equals(next));
  });

  it('that does not start is undone, and the flow is told why', async () => {
    await start(1);
    const image = appImage({ starts: false });
    await write(image);
    await host.finish(tryIt(image, 'bad', '3'));
    const { update, image: slots } = await info(({ update }) => update !== undefined);
    assert.deepEqual(update, {
      id: 'bad',
      what: 'image',
      version: '3',
      state: 'undone',
      why: 'the boot loader went back to the image before',
    });
    assert.equal(slots.slot, 'ota_0');
  });

  it('is not overwritten, nor followed by another, while one is on trial', async () => {
    await start(3600);
    const image = appImage({ seed: 23 });
    await write(image);
    await host.finish(tryIt(image, 'mine', '4'));
    await info(({ update }) => update !== undefined);
    await host.hello();
    const before = slotContent(flash, 'ota_0', 40_000);
    const { kind, text } = await writeImage(host, appImage({ seed: 24 }));
    assert.match(`${kind} ${text}`, /^f trial image 4 is on trial/);
    assert.match((await host.finish(tryIt(image, 'other'))).text, /^(trial|corrupt) /);
    assert.ok(slotContent(flash, 'ota_0', 40_000).equals(before));
    assert.equal((await host.finish(tryIt(image, 'mine'))).text, '{}', 'the reply was lost');
  });

  it('is read back before it is chosen: what was changed meanwhile is not tried', async () => {
    await start(3600);
    const image = appImage({ seed: 25 });
    await write(image);
    await host.eval(
      'import esp32\nslot = esp32.Partition("ota_1")\nblock = bytearray(4096)\nslot.readblocks(3, block)\nblock[7] ^= 1\nslot.writeblocks(3, block)',
    );
    assert.match((await host.finish(tryIt(image, 'spoilt'))).text, /^corrupt /);
    assert.equal(await host.eval('esp32.Partition(0).info()[4]'), "'ota_0'");
    assert.equal((await write(image)).at, 0, 'and is sent again');
  });

  it('goes on where it was after a power cut in the middle', async () => {
    await start(3600);
    const image = appImage({ size: 900_000, seed: 26 });
    let cut = false;
    const id = host.begin('ota', {
      step: 'write',
      size: image.length,
      sha: sha256(image),
      head: image.toString('base64', 0, 288),
    });
    await Promise.race([
      host.serve(id, image, {
        chunk: 4096,
        stopAt: 700_000,
        asked: (n) => {
          if (n >= 700_000) cut = true;
        },
      }),
      until(() => cut),
    ]);
    await host.raw.board.powerCut();
    await host.raw.board.start();
    await host.raw.message(({ payload }) => payload.toString() === 'online');
    await host.hello();
    const { at } = await write(image);
    assert.ok(at >= 65_536 && at <= 700_000 && at % 4096 === 0, `went on at ${at}`);
    assert.ok(slotContent(flash, 'ota_1', image.length).equals(image));
    const other = appImage({ size: 100_000, seed: 27 });
    assert.equal((await write(other)).at, 0, 'another image begins anew');
  });
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
}
