import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { FULL_AFTER_FIVE_WRITES } from '../support/files-behaviour';
import { RawHost } from '../support/raw-host';

const PREFIX = 'old/files';
const LAST = 0x8000;

describe('The board, given files by version 1,', () => {
  let host: RawHost;
  let count = 0;

  before(async () => {
    host = await RawHost.start(PREFIX);
  });

  after(() => host.stop());

  const newId = () => `files${String(++count).padStart(3, '0')}`;

  const send = (command: string, id: string, path: string, header: number, data: Buffer) => {
    const payload = Buffer.concat([Buffer.from([header >> 8, header & 255]), data]);
    return host.client.publishAsync(`${PREFIX}/mqb/cmd/${command}/${id}/${path}`, payload, {
      qos: 1,
    });
  };

  /** The next message of a reply: its topic's `out` or `err`, header and data. */
  async function reply(id: string) {
    const { topic, payload } = await host.message(({ topic }) => topic.endsWith(`/${id}`));
    const kind = topic.split('/').at(-2);
    if (kind === 'err') return { kind, header: -1, data: payload };
    return { kind, header: payload.readUInt16BE(0), data: payload.subarray(2) };
  }

  /** Puts in messages of 1400 bytes; the numbers that were acknowledged, and how it ended. */
  async function put(path: string, data: Buffer, id = newId()) {
    const parts = Math.max(1, Math.ceil(data.length / 1400));
    for (let n = 0; n < parts; n++) {
      const part = data.subarray(n * 1400, (n + 1) * 1400);
      await send('put', id, path, n + 1 === parts ? n | LAST : n, part);
    }
    const acknowledged: number[] = [];
    for (;;) {
      const { kind, header, data: said } = await reply(id);
      const text = said.toString();
      if (!text.startsWith('SEQ ')) return { kind, header, text, acknowledged };
      assert.equal(header, 0xffff);
      acknowledged.push(Number(text.slice(4)));
    }
  }

  async function get(path: string) {
    const id = newId();
    await send('get', id, path, LAST, Buffer.alloc(0));
    const parts: Buffer[] = [];
    for (let n = 0; ; n++) {
      const { kind, header, data } = await reply(id);
      if (kind === 'err') return data.toString();
      if (header & LAST) {
        assert.equal(data.length, 0);
        assert.ok(header === (n | LAST) || (n === 0 && header === 0xffff));
        return Buffer.concat(parts);
      }
      assert.equal(header, n);
      parts.push(data);
    }
  }

  for (const size of [0, 1, 1400, 1401, 150_000]) {
    it(`stores ${size} bytes and gives them back`, async () => {
      const data = randomBytes(size);
      const { kind, header, text } = await put('/one.bin', data);
      assert.deepEqual([kind, header, text], ['out', 0xffff, 'OK']);
      assert.deepEqual(await get('/one.bin'), data);
    });
  }

  it('acknowledges each eighth message, but the first', async () => {
    const { acknowledged } = await put('/many.bin', randomBytes(1400 * 40));
    assert.deepEqual(acknowledged, [8, 16, 24, 32]);
  });

  it('takes a path that is not absolute for one below the root', async () => {
    await put('relative.bin', Buffer.from('here'));
    assert.equal((await get('/relative.bin')).toString(), 'here');
  });

  it('drops a message that comes again', async () => {
    const id = newId();
    await send('put', id, '/again.bin', 0, Buffer.from('one '));
    await send('put', id, '/again.bin', 1, Buffer.from('two '));
    await send('put', id, '/again.bin', 0, Buffer.from('one '));
    await send('put', id, '/again.bin', 1, Buffer.from('two '));
    await send('put', id, '/again.bin', 2 | LAST, Buffer.from('three'));
    assert.equal((await reply(id)).data.toString(), 'OK');
    assert.equal((await get('/again.bin')).toString(), 'one two three');
  });

  it('ends a put with a gap, once, and the old file is what it was', async () => {
    await put('/gap.bin', Buffer.from('old'));
    const id = newId();
    await send('put', id, '/gap.bin', 0, Buffer.from('a'));
    for (const n of [2, 3, 4 | LAST]) await send('put', id, '/gap.bin', n, Buffer.from('b'));
    const { kind, data } = await reply(id);
    assert.deepEqual([kind, /message 2 came, and 1 did not/.test(data.toString())], ['err', true]);
    assert.equal((await get('/gap.bin')).toString(), 'old');
    assert.equal(await leftovers(), '0');
  });

  it('refuses, once, a put of which it did not see the beginning', async () => {
    const id = newId();
    for (const n of [5, 6, 7 | LAST]) await send('put', id, '/begun.bin', n, Buffer.from('a'));
    assert.match((await reply(id)).data.toString(), /beginning is missing/);
    await send('eval', newId(), '', 0xffff, Buffer.from('1'));
    const next = await host.message(({ topic }) => topic.includes('/reply/'));
    assert.doesNotMatch(next.topic, new RegExp(id));
  });

  it('keeps two that come at the same time apart', async () => {
    const ids = [newId(), newId()];
    for (let n = 0; n < 20; n++) {
      for (const [i, id] of ids.entries()) {
        const data = Buffer.alloc(1400, i + 65);
        await send('put', id, '/both.bin', n === 19 ? n | LAST : n, data);
      }
    }
    for (let done = 0; done < 2; ) {
      const { payload } = await host.message(({ topic }) => /files\d\d\d$/.test(topic));
      if (payload.toString().endsWith('OK')) done++;
    }
    const content = (await get('/both.bin')).toString();
    assert.ok(content === 'A'.repeat(28_000) || content === 'B'.repeat(28_000));
  });

  it('says in words what cannot be', async () => {
    assert.match((await put('/none/a', Buffer.from('1'))).text, /there is no folder \/none/);
    assert.match((await put('/lib', Buffer.from('1'))).text, /is a folder/);
    assert.match((await get('/none')).toString(), /there is no \/none/);
    assert.match((await get('/lib')).toString(), /is a folder/);
    const id = newId();
    await send('list', id, '/', 0xffff, Buffer.alloc(0));
    assert.match((await reply(id)).data.toString(), /version 2/);
  });

  it('says that the flash is full, and leaves nothing behind', async () => {
    await evaluate(FULL_AFTER_FIVE_WRITES);
    const { kind, text } = await put('/huge.bin', randomBytes(20_000));
    await evaluate('del s.open');
    assert.deepEqual([kind, text], ['err', 'no room on the flash for /huge.bin']);
    assert.equal(await leftovers(), '0');
  });

  it('forgets a put whose messages stop coming', async () => {
    const id = newId();
    await send('put', id, '/stops.bin', 0, Buffer.from('a'));
    await evaluate('import mqrepl.files.transfer as t; t.silence = 4');
    assert.match((await reply(id)).data.toString(), /not heard of/);
    await evaluate('t.silence = 1200');
    assert.equal(await leftovers(), '0');
  });

  async function evaluate(source: string): Promise<string> {
    const id = `eval${String(++count).padStart(4, '0')}`;
    const answer = new Promise<string>((resolve) => {
      const hear = (topic: string, payload: Buffer) => {
        if (!topic.endsWith(id)) return;
        host.client.off('message', hear);
        resolve(payload.toString('utf8', 2));
      };
      host.client.on('message', hear);
    });
    await send('eval', id, '', 0xffff, Buffer.from(source));
    return answer;
  }

  const leftovers = () => evaluate('len([n for n in os.ilistdir("/") if n[0].startswith(".mqb")])');
});
