import assert from 'node:assert/strict';
import { contents, sha256 } from '../support/contents';
import { FileHost, type Frame, NOTHING } from '../support/file-host';

const TOPIC = 'share/of/many/mqb/2/share/filehost';
const NUMBER = 77;

describe('A board that takes a stream which it shares with others', () => {
  let host: FileHost;
  const data = contents.random(60_000, 3);

  before(async () => {
    host = await FileHost.start('share/of/many/one');
  });

  after(() => host.stop());

  afterEach(() => host.eval('os.remove("/shared.bin")'));

  function stream(n: number, part: Buffer, number = NUMBER, kind = 'd'): void {
    const header = Buffer.alloc(10);
    header.write(kind);
    header.writeUInt32BE(number, 2);
    header.writeUInt32BE(n, 6);
    host.raw.client.publish(TOPIC, Buffer.concat([header, part]));
  }

  /** Puts the file; `said` hears of each `g` and answers it. */
  function put(said: (frame: Frame, id: number) => void) {
    const head = { path: '/shared.bin', size: data.length, sha: sha256(data) };
    const id = host.begin('put', { ...head, share: { topic: TOPIC, id: NUMBER } });
    return host.finish(id, (frame) => {
      if (frame.kind === 'g') said(frame, id);
    });
  }

  const upTo = (frame: Frame) => Math.min(frame.data.readUInt32BE(0), data.length);

  const subscribed = async () =>
    JSON.parse(
      await host
        .eval(
          'import json\nfrom mqtt import MQTT\nprint(json.dumps([t.decode() for t in MQTT.client._subs._topics]), end="")',
        )
        .then((text) => text.replace(/None$/, '')),
    ).includes(TOPIC);

  it('takes its frames like those on its own topic, and leaves it at the end', async () => {
    let at = 0;
    let own = 0;
    const { kind, text, asked } = await put((frame) => {
      for (; at < upTo(frame); at += 4000) stream(at, data.subarray(at, at + 4000));
      own += 1;
    });
    assert.deepEqual([kind, asked], ['v', []], text);
    assert.ok(own > 1);
    const { sha } = await host.value('hash', { path: '/shared.bin' });
    assert.equal(sha, sha256(data));
    assert.equal(await subscribed(), false);
  });

  it('asks once for what it missed, takes that on its own topic, and goes on with the stream', async () => {
    let at = 0;
    const { kind, asked } = await put((frame, id) => {
      if (frame.flags & 2) {
        const ahead = at;
        for (let n = frame.n; n < ahead; n += 4000) {
          host.send('d', id, n, data.subarray(n, n + 4000));
          if (n + 4000 < ahead) stream(ahead, data.subarray(ahead, ahead + 4000)); // others go on
        }
      }
      for (; at < upTo(frame); at += 4000) {
        if (at !== 8000) stream(at, data.subarray(at, at + 4000));
      }
    });
    assert.deepEqual([kind, asked], ['v', [8000]]);
  });

  it('takes no frames of another stream on the same topic, and none that is too short', async () => {
    let at = 0;
    const { kind, asked } = await put((frame) => {
      for (; at < upTo(frame); at += 4000) {
        stream(at, Buffer.alloc(4000, 1), NUMBER + 1);
        stream(at, Buffer.alloc(4000, 2), NUMBER, 'g');
        host.raw.client.publish(TOPIC, 'd');
        stream(at, data.subarray(at, at + 4000));
      }
    });
    assert.deepEqual([kind, asked], ['v', []]);
  });

  it('is served on its own topic alone where the stream says nothing', async () => {
    let at = 0;
    const { kind } = await put((frame, id) => {
      for (; at < upTo(frame); at += 4000) host.send('d', id, at, data.subarray(at, at + 4000));
    });
    assert.equal(kind, 'v');
    assert.equal(await subscribed(), false);
  });

  it('leaves the stream also when the transfer is cancelled', async () => {
    await host.put('/shared.bin', NOTHING);
    const { kind } = await put((_, id) => host.send('x', id));
    assert.equal(kind, 's');
    assert.equal(await subscribed(), false);
  });
});
