import assert from 'node:assert/strict';
import { createCipheriv } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { Content, shareContent } from '../../core/board/transfer/content';
import { Intake } from '../../core/board/transfer/intake';
import { Receiver } from '../../core/board/transfer/receiver';
import { Sender } from '../../core/board/transfer/sender';
import type { Transfer, TransferLink } from '../../core/board/transfer/transfer';
import type { Frame } from '../../core/protocol/frame';
import { decodeGoOn, encodeGoOn } from '../../core/protocol/go-on';
import { sha256 } from '../support/contents';
import { type Fate, LossyLink } from '../support/lossy-link';

/** A receiver by the page alone: it counts on nothing that ours does. */
class PlainReceiver implements Transfer {
  data = Buffer.alloc(0);
  private end = 0;
  private gap = -1;

  constructor(
    private readonly link: TransferLink,
    private readonly size: number,
    private readonly window: number,
    private readonly chunk: number,
  ) {}

  repeat(): void {
    this.ask(true);
  }

  linkIsBack(): void {}

  ask(back: boolean): void {
    this.end = Math.max(this.end, Math.min(this.size, this.data.length + this.window));
    const goOn = encodeGoOn({ end: this.end, chunk: this.chunk });
    this.link.send('g', this.data.length, goOn, back);
  }

  receive({ kind, n, data, marked }: Frame): boolean {
    assert.equal(kind, 'd');
    assert.ok(data.length <= this.chunk, 'no frame is larger than the receiver takes');
    const bytes = marked ? inflateRawSync(data) : data;
    assert.ok(n + bytes.length <= this.end, 'nothing is sent beyond the end');
    const at = this.data.length;
    if (n > at && this.gap !== at) {
      this.gap = at;
      this.ask(true);
    }
    if (n !== at) return false;
    this.data = Buffer.concat([this.data, bytes]);
    if (this.end - this.data.length <= this.window / 2) this.ask(false);
    return true;
  }
}

/** A sender by the page alone, that goes on behind `at`. */
class PlainSender implements Transfer {
  done = false;
  private position: number;
  private end = 0;

  constructor(
    private readonly link: TransferLink,
    private readonly data: Buffer,
    private readonly largest: number,
    at: number,
  ) {
    this.position = at;
  }

  repeat(): void {}

  linkIsBack(): void {}

  receive({ n, marked, data }: Frame): boolean {
    const goOn = decodeGoOn(data);
    assert.ok(goOn);
    assert.ok(goOn.end >= this.end || n <= this.end, 'the end never shrinks');
    this.end = Math.max(this.end, goOn.end);
    if (n === this.data.length) this.done = true;
    if (marked) this.position = n;
    while (this.position < Math.min(this.end, this.data.length)) {
      const next = Math.min(this.position + Math.min(goOn.chunk, this.largest), this.end);
      this.link.send('d', this.position, this.data.subarray(this.position, next), false);
      this.position = next;
    }
    return true;
  }
}

const fates = fc.array(
  fc.constantFrom<Fate>('arrives', 'arrives', 'arrives', 'is lost', 'comes twice', 'is overtaken'),
  { maxLength: 200 },
);
const CHUNK = 512;
const sizes = fc.oneof(
  fc.constantFrom(0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 4096, 16383, 16384, 16385),
  fc.integer({ min: 0, max: 60_000 }),
);
const contents = fc
  .tuple(sizes, fc.constantFrom('noise', 'text', 'both'))
  .map(([size, kind]) => make(size, kind));

/** The same each time, so that what fails can be repeated. */
function random(size: number): Buffer {
  const key = Buffer.alloc(16);
  return createCipheriv('aes-128-ctr', key, key).update(Buffer.alloc(size));
}

function make(size: number, kind: string): Buffer {
  const noise = random(size);
  if (kind === 'noise') return noise;
  const text = Buffer.alloc(size, 'def something(argument): return argument\n');
  if (kind === 'text') return text;
  return Buffer.concat([
    text.subarray(0, size / 2),
    noise.subarray(0, size - Math.floor(size / 2)),
  ]);
}

describe('A transfer over a link that loses, repeats and reorders', () => {
  it('brings a receiver the bytes that our sender has', async () => {
    const windows = fc.constantFrom(CHUNK, 3 * CHUNK, 16_384, 65_536);
    const bits = fc.constantFrom(0, 9, 10, 15);
    await fc.assert(
      fc.asyncProperty(contents, windows, bits, fates, async (data, window, windowBits, fate) => {
        const link = new LossyLink(fate);
        const content = new Content(data, sha256(data));
        let arrived = 0;
        const listener = {
          sent: () => {},
          received: (bytes: number) => {
            assert.ok(bytes >= arrived, 'progress goes forward');
            arrived = bytes;
          },
        };
        const receiver = new PlainReceiver(link.linkOf('b'), data.length, window, CHUNK);
        link.attach('a', new Sender(content, windowBits, link.linkOf('a'), listener));
        link.attach('b', receiver);
        receiver.ask(false);
        await link.run(() => receiver.data.length === data.length);
        assert.ok(receiver.data.equals(data), 'it arrived as it was sent');
      }),
      { numRuns: 300 },
    );
  });

  it('brings our receiver the bytes that a sender has, into a sink that takes its time or not', async () => {
    const chunks = fc.constantFrom(100, 1400, 4086, 16_384);
    const slow = fc.boolean();
    const start = fc.double({ min: 0, max: 1, noNaN: true });
    await fc.assert(
      fc.asyncProperty(
        contents,
        chunks,
        slow,
        start,
        fates,
        async (data, chunk, late, part, fate) => {
          const link = new LossyLink(fate);
          const at = Math.floor(part * data.length);
          const written = [data.subarray(0, at)];
          const intake = new Intake({
            begin: async () => ({ size: at, sha256: sha256(data.subarray(0, at)) }),
            restart: async () => assert.fail('it went on where it was'),
            write: (bytes) => {
              if (!late) written.push(bytes);
              else
                return new Promise((resolve) => setImmediate(resolve)).then(
                  () => void written.push(bytes),
                );
            },
          });
          await intake.begin();
          const receiver = new Receiver(link.linkOf('a'), intake, () => {});
          const sender = new PlainSender(link.linkOf('b'), data, chunk, at);
          link.attach('a', receiver);
          link.attach('b', sender);
          receiver.start(data.length);
          await link.run(() => sender.done);
          assert.ok(Buffer.concat(written).equals(data), 'it was written as it was sent');
          assert.equal(link.error, undefined);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('A content that is sent to several boards', () => {
  it('stays what it was when one of its owners, whose transfer is over, changes it', () => {
    const [first, second] = [Buffer.alloc(5000, 'ab'), Buffer.alloc(5000, 'ab')];
    for (const windowBits of [0, 10]) {
      const one = shareContent(first);
      one.content.frame(0, 5000, 1000, windowBits);
      const other = shareContent(second);
      one.release();
      first.fill(0);
      const { data, deflated } = other.content.frame(2000, 5000, 1000, windowBits);
      const sent = deflated ? inflateRawSync(data) : data;
      assert.ok(sent.equals(second.subarray(2000, 2000 + sent.length)));
      other.release();
      first.set(second);
    }
  });
});

describe('A sender', () => {
  const goOn = (n: number, end: number, marked = false, chunk = CHUNK): Frame => ({
    kind: 'g',
    last: false,
    marked,
    id: 1,
    n,
    data: encodeGoOn({ end, chunk }),
  });
  const sending = (data: Buffer, windowBits = 0) => {
    const offsets: number[] = [];
    let bytes = 0;
    const link = { send: (_: string, n: number) => void offsets.push(n), fail: assert.fail };
    const listener = {
      sent: (sent: number) => {
        bytes += sent;
      },
      received: () => {},
    };
    const sender = new Sender(new Content(data, ''), windowBits, link, listener);
    return { sender, offsets, bytes: () => bytes };
  };

  it('sends up to the end, waits, and goes on from there', () => {
    const { sender, offsets } = sending(Buffer.alloc(5 * CHUNK));
    sender.receive(goOn(0, 2 * CHUNK));
    assert.deepEqual(offsets, [0, CHUNK]);
    sender.receive(goOn(CHUNK, 3 * CHUNK));
    assert.deepEqual(offsets, [0, CHUNK, 2 * CHUNK]);
  });

  it('goes back when it is told to, and not for what was overtaken', () => {
    const { sender, offsets } = sending(Buffer.alloc(4 * CHUNK));
    sender.receive(goOn(0, 4 * CHUNK));
    sender.receive(goOn(2 * CHUNK, 4 * CHUNK));
    sender.receive(goOn(CHUNK, 4 * CHUNK, true));
    assert.equal(offsets.length, 4);
    sender.receive(goOn(3 * CHUNK, 4 * CHUNK, true));
    assert.deepEqual(offsets.slice(4), [3 * CHUNK]);
  });

  it('begins where the receiver is, which may have something already', () => {
    const { sender, offsets } = sending(Buffer.alloc(4 * CHUNK));
    sender.receive(goOn(3 * CHUNK, 4 * CHUNK));
    assert.deepEqual(offsets, [3 * CHUNK]);
  });

  it('never sends more than the file has, and less where it compresses', () => {
    const noise = sending(random(100_000), 10);
    noise.sender.receive(goOn(0, 100_000, false, 4086));
    assert.equal(noise.bytes(), 100_000);
    const text = sending(make(100_000, 'text'), 10);
    text.sender.receive(goOn(0, 100_000, false, 4086));
    assert.ok(text.bytes() < 10_000, `${text.bytes()}`);
  });

  it('asks nothing of noise but a few tries', () => {
    const content = new Content(random(2 ** 20), '');
    const begun = performance.now();
    for (let at = 0; at < content.size; ) at = content.frame(at, content.size, 4086, 10).next;
    const elapsed = performance.now() - begun;
    assert.ok(elapsed < 50, `${elapsed} ms`);
  });
});
