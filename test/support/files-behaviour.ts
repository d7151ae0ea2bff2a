import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { sha256 } from './contents';
import { FileHost, NOTHING } from './file-host';

const CHUNK = 4096;
const TEXT = Buffer.from('def answer():\n    return 42\n'.repeat(900));

/** A flash whose files fail as on a full one, until `del s.open`. */
export const FULL_AFTER_FIVE_WRITES = `
import mqrepl.files.store as s
class Full:
    def __init__(self, *args):
        self.file, self.writes = open(*args), 0
    def write(self, data):
        self.writes += 1
        if self.writes > 5: raise OSError(28)
        return self.file.write(data)
    def __getattr__(self, name):
        return getattr(self.file, name)
s.open = Full
`;

/** A folder whose entries are gone when they are looked at: a file, and a folder. */
const VANISHING = `
import mqrepl.files.listing as l
class Vanishing:
    def __getattr__(self, name):
        return getattr(os, name)
    def ilistdir(self, path):
        if path.endswith("/gone"):
            raise OSError(2)
        return list(os.ilistdir(path)) + [("gone.bin", 0x8000, 0, 5)]
l.os = Vanishing()
`;

/** A folder of the flash mounted as a file system of its own, with another size. */
const SECOND_FILE_SYSTEM = `
import vfs
try: os.mkdir("/.below")
except OSError: pass
class Second:
    def mount(self, readonly, mkfs): pass
    def umount(self): pass
    def open(self, path, mode): return open("/.below" + path, mode)
    def stat(self, path): return os.stat("/.below" + path)
    def ilistdir(self, path): return os.ilistdir("/.below" + path)
    def rename(self, old, new): os.rename("/.below" + old, "/.below" + new)
    def remove(self, path): os.remove("/.below" + path)
    def statvfs(self, path): return (512, 512, 1000, 900, 900, 0, 0, 0, 0, 255)
vfs.mount(Second(), "/second")
`;

/** What both halves of a transfer promise, on the board's side, spoken to frame by frame. */
export function describeTransfersOn(runtime: 'wasm' | 'unix'): void {
  let host: FileHost;

  before(async () => {
    host = await FileHost.start(`files/${runtime}`, { runtime, heap: '280k', flashSize: '3m' });
  });

  after(() => host.stop());

  // The flash is small: each test leaves it as it was.
  afterEach(() =>
    host.eval(
      'for n in list(os.ilistdir("/")):\n if n[0].startswith(".mqb") or n[0].endswith(".bin"): os.remove(n[0])',
    ),
  );

  /** Names of hidden files on the board. */
  const hidden = async (folder = '/') =>
    JSON.parse(
      await host.eval(
        `import json\nprint(json.dumps([n[0] for n in os.ilistdir("${folder}") if n[0].startswith(".mqb")]))`,
      ),
    ) as string[];

  describe('A put', () => {
    for (const size of [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 65_535, 65_536, 65_537, 200_000]) {
      it(`of ${size} bytes stores them, and a get gives them back`, async () => {
        const data = randomBytes(size);
        const { kind, text, asked } = await host.put('/round.bin', data);
        assert.deepEqual([kind, JSON.parse(text), asked], ['v', { size, at: 0 }, []]);
        const got = await host.get('/round.bin');
        assert.ok(got.data.equals(data));
        assert.deepEqual(JSON.parse(got.text), { size, sha: sha256(data) });
      });
    }

    it('takes the beginning of the file with the command, and a small file as a whole', async () => {
      const data = randomBytes(9000);
      const whole = await host.put('/small.bin', data, { body: 9000 });
      assert.deepEqual([whole.kind, whole.end], ['v', 0]);
      const other = randomBytes(9000);
      assert.equal((await host.put('/small.bin', other, { body: 5000 })).kind, 'v');
      assert.deepEqual(await host.value('hash', { path: '/small.bin' }), {
        size: 9000,
        sha: sha256(other),
      });
    });

    it('of what is there already changes nothing and asks for nothing', async () => {
      await host.put('/same.bin', TEXT);
      const { text, end } = await host.put('/same.bin', TEXT);
      assert.deepEqual(
        [JSON.parse(text), end],
        [{ size: TEXT.length, at: TEXT.length, same: true }, 0],
      );
    });

    it('asks at once, and once, for what got lost on the way, and drops what is repeated', async () => {
      const data = randomBytes(60_000);
      const lost = new Set([CHUNK, 5 * CHUNK]);
      const sent: number[] = [];
      const begun = performance.now();
      const { kind, asked } = await host.put('/lost.bin', data, {
        before(n) {
          sent.push(n);
          host.send('d', host.id, Math.max(0, n - 700), data.subarray(n - 700, n + 100));
          return !lost.delete(n);
        },
      });
      assert.equal(kind, 'v');
      assert.deepEqual(asked, [CHUNK, 5 * CHUNK]);
      assert.ok(performance.now() - begun < 2000, 'not after a second each');
      assert.ok(sent.filter((n) => n === CHUNK).length === 2);
      assert.equal((await host.value('hash', { path: '/lost.bin' })).sha, sha256(data));
    });

    it('asks again after a second in which nothing came', async () => {
      const sent: number[] = [];
      const { kind, asked } = await host.put('/late.bin', randomBytes(CHUNK), {
        before: (n) => sent.push(n) > 1,
      });
      assert.deepEqual([kind, asked], ['v', [0]]);
    });

    it('inflates frames of raw deflate', async () => {
      const { kind } = await host.put('/text.py', TEXT, { deflate: true });
      assert.equal(kind, 'v');
      assert.equal((await host.value('hash', { path: '/text.py' })).sha, sha256(TEXT));
    });

    for (const [what, frame] of Object.entries({
      'is no deflate': Buffer.alloc(500, 0xff),
      'ends too early': deflateRawSync(TEXT.subarray(0, 5000)).subarray(0, -20),
    })) {
      it(`ends as corrupt when a frame ${what}`, async () => {
        const id = host.begin('put', { path: '/bad.bin', size: 5000, sha: sha256(NOTHING) });
        await until(id, 'g');
        host.send('d', id, 0, frame, 2);
        const { kind, text } = await host.finish(id);
        assert.deepEqual([kind, text], ['f', 'corrupt what was sent does not inflate']);
      });
    }

    it('stops inflating behind the end of the file, before the flash is full', async () => {
      const id = host.begin('put', { path: '/bomb.bin', size: 5000, sha: sha256(NOTHING) });
      await until(id, 'g');
      host.send('d', id, 0, deflateRawSync(Buffer.alloc(3_000_000), { windowBits: 10 }), 2);
      const { kind, text } = await host.finish(id);
      assert.deepEqual([kind, text], ['f', "corrupt more was sent than the file's size"]);
      const [name = ''] = await hidden();
      assert.ok((await host.value('stat', { path: `/${name}` })).size < 10_000);
    });

    it('that is cancelled before anything came leaves nothing behind', async () => {
      const id = host.begin('put', { path: '/none.bin', size: 5000, sha: sha256(NOTHING) });
      await until(id, 'g');
      host.send('x', id);
      assert.equal((await host.finish(id)).kind, 's');
      assert.deepEqual(await hidden(), []);
    });

    it('goes to the file system that its path is on, hidden there as well', async () => {
      await host.eval(SECOND_FILE_SYSTEM);
      const data = randomBytes(9000);
      await interrupted('/second/a.bin', data, CHUNK);
      assert.deepEqual([await hidden(), (await hidden('/second')).length], [[], 1]);
      assert.equal(JSON.parse((await host.put('/second/a.bin', data)).text).at, CHUNK);
      assert.equal(await host.failure('rename', { path: '/second/a.bin', to: '/a.bin' }), 'io');
      await host.eval('vfs.umount("/second")');
    });

    it('leaves the old file alone until the new one is whole', async () => {
      const old = randomBytes(3000);
      await host.put('/old.bin', old);
      const next = randomBytes(20_000);
      const put = host.begin('put', { path: '/old.bin', size: next.length, sha: sha256(next) });
      await until(put, 'g');
      host.send('d', put, 0, next.subarray(0, CHUNK));
      await until(put, 'g');
      const meanwhile = await host.value('hash', { path: '/old.bin' });
      assert.deepEqual(meanwhile, { size: 3000, sha: sha256(old) });
      for (let at = CHUNK; at < 20_000; at += CHUNK) {
        host.send('d', put, at, next.subarray(at, at + CHUNK));
      }
      await host.finish(put);
      assert.equal((await host.value('hash', { path: '/old.bin' })).sha, sha256(next));
    });

    it('goes on where a cancelled one stopped', async () => {
      const data = randomBytes(150_000);
      assert.equal(await interrupted('/resumed.bin', data, 100_000), 's');
      assert.equal((await hidden()).length, 1);
      const { kind, text } = await host.put('/resumed.bin', data);
      assert.deepEqual([kind, JSON.parse(text)], ['v', { size: 150_000, at: 100_000 }]);
      assert.equal((await host.value('hash', { path: '/resumed.bin' })).sha, sha256(data));
      assert.deepEqual(await hidden(), []);
    });

    it('skips what of its body is there already', async () => {
      const data = randomBytes(20_000);
      await interrupted('/body.bin', data, 10_000);
      const { text } = await host.put('/body.bin', data, { body: 5000 });
      assert.equal(JSON.parse(text).at, 10_000);
      assert.equal((await host.value('hash', { path: '/body.bin' })).sha, sha256(data));
    });

    it('starts afresh when the content is another one', async () => {
      await interrupted('/other.bin', randomBytes(50_000), 40_000);
      const { text } = await host.put('/other.bin', randomBytes(50_000));
      assert.equal(JSON.parse(text).at, 0);
    });

    it('goes on after a power cut behind what it had made sure of', async () => {
      const data = randomBytes(250_000);
      const id = host.begin('put', { path: '/power.bin', size: data.length, sha: sha256(data) });
      let sent = 0;
      const sendTo = async (stop: number) => {
        for (let stored = -1; stored < stop; ) {
          const frame = await until(id, 'g');
          stored = frame.n;
          for (; sent < Math.min(frame.data.readUInt32BE(0), stop); sent += CHUNK) {
            host.send('d', id, sent, data.subarray(sent, sent + CHUNK));
          }
        }
      };
      await sendTo(40 * CHUNK);
      await host.eval('await asyncio.sleep_ms(110)'); // it makes sure every 100 ms at most
      host.send('d', id, sent, data.subarray(sent, sent + CHUNK));
      await until(id, 'g');
      await host.eval('await asyncio.sleep_ms(30)');
      await host.raw.board.powerCut();
      await powerOn();
      const { kind, text } = await host.put('/power.bin', data);
      assert.deepEqual([kind, JSON.parse(text).at], ['v', 41 * CHUNK]);
      assert.equal((await host.value('hash', { path: '/power.bin' })).sha, sha256(data));
    });

    it('whose SHA-256 is not that of what was stored harms nothing', async () => {
      await host.put('/right.bin', TEXT);
      const { kind, text } = await host.put('/right.bin', randomBytes(5000), {
        head: { sha: sha256(NOTHING) },
      });
      assert.deepEqual([kind, text.split(' ')[0]], ['f', 'corrupt']);
      assert.equal((await host.value('hash', { path: '/right.bin' })).sha, sha256(TEXT));
      assert.deepEqual(await hidden(), []);
    });

    it('for which there is no room is refused before anything is sent', async () => {
      const head = { path: '/huge.bin', size: 5_000_000, sha: sha256(NOTHING) };
      const { kind, text, end } = await host.finish(host.begin('put', head));
      assert.deepEqual([kind, end], ['f', 0]);
      assert.match(text, /^full 5000000 bytes are needed and \d+ free$/);
    });

    it('that finds the flash full in the middle leaves it as it was', async () => {
      await host.put('/first.bin', NOTHING); // loads what is replaced now
      await host.eval(FULL_AFTER_FIVE_WRITES);
      const { kind, text } = await host.put('/second.bin', randomBytes(40_000));
      await host.eval('del s.open');
      assert.deepEqual([kind, text], ['f', 'full no room on the flash for /second.bin']);
      assert.deepEqual(await hidden(), []);
    });

    it('that needs the room has leftovers of others removed', async () => {
      const room = (await host.value('stat', { path: '/' })).free;
      const left = Math.floor(room * 0.6);
      await interrupted('/left.bin', randomBytes(left), left - 10_000);
      const before = (await host.value('stat', { path: '/' })).free;
      const data = randomBytes(before - 20_000);
      assert.equal((await host.put('/large.bin', data, { chunk: CHUNK })).kind, 'v');
      const next = randomBytes(left - 40_000);
      assert.equal((await host.put('/next.bin', next)).kind, 'v');
      assert.deepEqual(await hidden(), []);
    });

    it('ends as silent when its host is not heard of, and is kept', async () => {
      const data = randomBytes(30_000);
      const put = host.begin('put', { path: '/silent.bin', size: data.length, sha: sha256(data) });
      await until(put, 'g');
      host.send('d', put, 0, data.subarray(0, CHUNK));
      await until(put, 'g');
      await host.eval('import mqrepl.files.transfer as t; t.silence = 4');
      const { kind, text } = await host.finish(put);
      await host.eval('t.silence = 1200');
      assert.deepEqual([kind, text.split(' ')[0]], ['f', 'silent']);
      assert.equal(JSON.parse((await host.put('/silent.bin', data)).text).at, CHUNK);
    });
  });

  describe('Transfers', () => {
    it('run four at a time, each correct, and a fifth is refused as busy', async () => {
      const files = [1, 2, 3, 4].map((i) => randomBytes(30_000 + i));
      const ids = files.map((data, i) =>
        host.begin('put', { path: `/many${i}.bin`, size: data.length, sha: sha256(data) }),
      );
      for (const id of ids) await until(id, 'g');
      assert.equal(await host.failure('get', { path: '/boot.py' }), 'busy');
      for (let at = 0; at < 32_000; at += 1000) {
        ids.forEach((id, i) => {
          const part = files[i]?.subarray(at, at + 1000) ?? NOTHING;
          if (part.length) host.send('d', id, at, part);
        });
      }
      for (const [i, id] of ids.entries()) {
        assert.equal((await host.finish(id)).kind, 'v');
        const { sha } = await host.value('hash', { path: `/many${i}.bin` });
        assert.equal(sha, sha256(files[i] ?? NOTHING));
      }
    });

    it('of the same content to the same path do not run side by side', async () => {
      const head = { path: '/twice.bin', size: 5000, sha: sha256(NOTHING) };
      const first = host.begin('put', head);
      await until(first, 'g');
      assert.equal(await host.failure('put', head), 'busy');
      host.send('x', first);
      assert.equal((await host.finish(first)).kind, 's');
    });
  });

  it('A list leaves out what is removed while it runs', async () => {
    await host.value('mkdir', { path: '/l/gone', parents: true });
    await host.put('/l/there', TEXT);
    await host.value('list', { path: '/' });
    await host.eval(VANISHING);
    const head = { path: '/l', deep: true, sha: true };
    const { kind, output } = await host.finish(host.begin('list', head));
    await host.eval('l.os = os');
    await host.finish(host.begin('remove', { path: '/l', what: 'all' }));
    assert.equal(kind, 'v');
    assert.deepEqual(
      output
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)[0])
        .sort(),
      ['gone/', 'there'],
    );
  });

  describe('A get', () => {
    const data = randomBytes(90_000);

    beforeEach(() => host.put('/get.bin', data));

    it('goes on behind what the host has, when the file begins with it', async () => {
      const had = { at: 40_000, sha: sha256(data.subarray(0, 40_000)) };
      const got = await host.get('/get.bin', had);
      assert.deepEqual([got.at, got.size], [40_000, 90_000]);
      assert.ok(got.data.equals(data.subarray(40_000)));
      assert.equal(JSON.parse(got.text).sha, sha256(data));
    });

    it('starts from 0 when it does not, or is shorter', async () => {
      for (const at of [40_000, 90_001]) {
        const got = await host.get('/get.bin', { at, sha: sha256(NOTHING) });
        assert.equal(got.at, 0);
        assert.ok(got.data.equals(data));
        assert.equal(JSON.parse(got.text).sha, sha256(data));
      }
    });

    it('of a host that has everything is over at once', async () => {
      const got = await host.get('/get.bin', { at: 90_000, sha: sha256(data) });
      assert.deepEqual(
        [got.at, got.data.length, JSON.parse(got.text).sha],
        [90_000, 0, sha256(data)],
      );
    });

    it('makes no frame larger than 16 KiB, whatever the host allows', async () => {
      const { data: got, largest } = await host.get('/get.bin', {}, 90_000, 0xffffffff);
      assert.ok(got.equals(data));
      assert.equal(largest, 16_384);
    });

    it('sends again from where the host asks, and counts it once in the hash', async () => {
      const id = host.begin('get', { path: '/get.bin' });
      await until(id, 'o');
      go(id, 0, 50_000);
      for (let n = 0; n < 40_000; ) n = (await until(id, 'd')).n;
      go(id, 20_000, 90_000, 2);
      const frames: number[] = [];
      let have = 20_000;
      while (have < 90_000) {
        const frame = await until(id, 'd');
        frames.push(frame.n);
        if (frame.n === have) have += frame.data.length;
      }
      assert.ok(frames.includes(20_000));
      go(id, 90_000, 90_000);
      assert.equal(JSON.parse((await host.finish(id)).text).sha, sha256(data));
    });

    it('sends no further than it is told, and frames no larger', async () => {
      const id = host.begin('get', { path: '/get.bin' });
      await until(id, 'o');
      go(id, 0, 2500, 0, 1000);
      const sizes = [];
      for (let i = 0; i < 3; i++) sizes.push((await until(id, 'd')).data.length);
      assert.deepEqual(sizes, [1000, 1000, 500]);
      assert.equal(await host.eval('1'), '1');
      host.send('x', id);
    });

    for (const [what, change] of [
      ['replaced', () => host.put('/changing.bin', randomBytes(70_000))],
      ['removed', () => host.value('remove', { path: '/changing.bin', what: 'file' })],
      ['moved away', () => host.value('rename', { path: '/changing.bin', to: '/away.bin' })],
    ] as const) {
      it(`of a file that is ${what} meanwhile ends as changed`, async () => {
        await host.put('/changing.bin', data);
        const id = host.begin('get', { path: '/changing.bin' });
        await until(id, 'o');
        go(id, 0, 1000);
        await until(id, 'd');
        const ended = host.finish(id);
        await change();
        const { kind, text } = await ended;
        assert.deepEqual([kind, text.split(' ')[0]], ['f', 'changed']);
      });
    }

    function go(id: number, n: number, end: number, flags = 0, chunk = CHUNK): void {
      const said = Buffer.alloc(8);
      said.writeUInt32BE(end, 0);
      said.writeUInt32BE(chunk, 4);
      host.send('g', id, n, said, flags);
    }
  });

  describe('A hidden file', () => {
    it('survives three boots, is not listed, and is gone with the fourth', async () => {
      const data = randomBytes(9000);
      await interrupted('/boots.bin', data, CHUNK);
      for (const age of ['1', '2', '3']) {
        await host.raw.board.powerCut();
        await powerOn();
        assert.equal((await hidden())[0]?.at(-1), age);
      }
      const { output } = await host.finish(host.begin('list', { path: '/' }));
      assert.doesNotMatch(output, /mqb/);
      await host.raw.board.powerCut();
      await powerOn();
      assert.deepEqual(await hidden(), []);
    });

    it('that is gone on with is as young as a new one', async () => {
      const data = randomBytes(9000);
      await interrupted('/young.bin', data, CHUNK);
      await host.raw.board.powerCut();
      await powerOn();
      await interrupted('/young.bin', data, 2 * CHUNK);
      assert.equal((await hidden())[0]?.at(-1), '0');
      assert.equal(JSON.parse((await host.put('/young.bin', data)).text).at, 2 * CHUNK);
    });
  });

  async function powerOn(): Promise<void> {
    await host.raw.board.start();
    await host.raw.message(({ payload }) => payload.toString() === 'online');
    await host.hello();
  }

  /** The next frame of this kind. */
  async function until(id: number, kind: string) {
    for (;;) {
      const frame = await host.frame(id);
      if (frame.kind === kind) return frame;
      assert.ok('kgod'.includes(frame.kind), `${frame.kind} ${frame.data}`);
    }
  }

  /** A put that is cancelled once so many bytes are stored; what it ended with. */
  async function interrupted(path: string, data: Buffer, stopAt: number): Promise<string> {
    const id = host.id + 1;
    const { kind } = await host.put(path, data, {
      stopAt,
      asked: (n) => n === stopAt && host.send('x', id),
    });
    return kind;
  }
}
