import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appImage } from '../../simulator';
import { FileHost } from '../support/file-host';
import { HostV1 } from '../support/host-v1';
import { BLOCK, slotContent, writeImage } from '../support/images';
import { seeded } from '../support/random-faults';

/** In each version of the wire. In CI every eighth of them, which ones changes from day to day. */
const IMAGES = 1000;
const STEP = process.env.MQBOARD_SWEEP === 'all' ? 1 : 8;
const OFFSET = Math.floor(Date.now() / 86_400_000) % STEP;
const SMALLEST_BYTES = 288;
const LARGEST_BYTES = 1536 * 1024;
/** Most are about as large: of the original's messages 800 kB take 2 s. */
const USUAL_BYTES = 8 * BLOCK;

type Fault = 'none' | 'lost' | 'twice' | 'changed';

/** One image, what happens to it on its way, and at which of its bytes. */
interface Try {
  image: Buffer;
  fault: Fault;
  at: number;
}

describe(`Of ${(2 * IMAGES) / STEP} images of random sizes, of which some suffer on their way,`, () => {
  const flash = mkdtempSync(join(tmpdir(), 'mqboard-images-'));
  after(() => rmSync(flash, { recursive: true }));

  function* tries(seed: number): Generator<Try> {
    const random = seeded(seed);
    for (let n = 0; n < IMAGES; n++) {
      const most = n % 125 === 124 ? LARGEST_BYTES : USUAL_BYTES;
      const size = SMALLEST_BYTES + Math.floor(random() * (most + 1 - SMALLEST_BYTES));
      const faults = ['lost', 'twice', 'changed'] as const;
      const fault = faults[Math.floor(random() * 12)] ?? 'none';
      const at = Math.floor(random() * size);
      if (n % STEP === OFFSET) yield { image: appImage({ size, seed: seed + n }), fault, at };
    }
  }

  function flipped(part: Buffer, at: number): Buffer {
    const copy = Buffer.from(part);
    copy[at] = (copy[at] ?? 0) ^ 16;
    return copy;
  }

  /** Counts what was said, and fails when it was not true. */
  async function sweep(host: FileHost, seed: number, send: (next: Try) => Promise<string>) {
    const folder = join(flash, host.prefix);
    let [said, refused] = [0, 0];
    for (const next of tries(seed)) {
      const { image, fault } = next;
      const answer = await send(next);
      const what = `${image.length} bytes, ${fault}: ${answer}`;
      if (answer === 'OK') {
        assert.ok(slotContent(folder, 'ota_1', image.length).equals(image), what);
        assert.notEqual(fault, 'changed', what);
        said++;
      } else {
        assert.ok(fault === 'changed' || fault === 'lost', what);
        refused++;
      }
    }
    assert.equal(said + refused, IMAGES / STEP);
    assert.ok(refused > 0);
    return { said, refused };
  }

  const start = (prefix: string) =>
    FileHost.start(prefix, { runtime: 'unix', flash: join(flash, prefix) });

  it('each that the original tool is told OK for lies in the partition, byte for byte', async () => {
    const host = await start('v1');
    const tool = await HostV1.connect(host.raw.broker.url, 'v1', {});
    try {
      const { said, refused } = await sweep(host, 1, async ({ image, fault, at }) => {
        // The last message is never lost: the tool would wait for its minute.
        const count = Math.ceil(image.length / 1400);
        const hit = Math.floor(at / 1400);
        const lost = fault === 'lost' && hit < count - 1;
        const instead = (n: number, part: Buffer): Buffer[] => {
          if (n !== hit) return [part];
          if (fault === 'changed') return [flipped(part, at % 1400)];
          return lost ? [] : fault === 'twice' ? [part, part] : [part];
        };
        try {
          const answer = await tool.ota(image, { instead });
          assert.ok(!lost, 'a message was lost');
          // What was noted for the next boot would have to prove itself before the next.
          await tool.eval('import boot_state; boot_state.save({})');
          return answer;
        } catch (error) {
          return (error as Error).message;
        }
      });
      console.log(`      ${said} were said to be OK and were, ${refused} were refused`);
    } finally {
      await tool.close();
      await host.stop();
    }
  }).timeout(600_000);

  it('each that our host is told is there lies in the partition, byte for byte', async () => {
    const host = await start('v2');
    try {
      const { said, refused } = await sweep(host, 2, async ({ image, fault, at }) => {
        const data = fault === 'changed' ? flipped(image, at) : image;
        let isHit = false;
        const before = (n: number) => {
          if (isHit || n + BLOCK < at || fault === 'none') return true;
          isHit = true;
          if (fault === 'twice') host.send('d', host.id, n, data.subarray(n, n + 1000));
          return fault !== 'lost';
        };
        const { kind, text } = await writeImage(host, image, { data, before });
        return kind === 'v' ? 'OK' : text;
      });
      console.log(`      ${said} were said to be there and were, ${refused} were refused`);
    } finally {
      await host.stop();
    }
  }).timeout(600_000);
});
