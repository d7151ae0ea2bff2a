import assert from 'node:assert/strict';
import { RawHost } from '../support/raw-host';

const PREFIX = 'new/board';
const NOTHING: Buffer = Buffer.alloc(0);

interface Frame {
  kind: string;
  last: number;
  id: number;
  n: number;
  text: string;
}

describe('The board, spoken to by version 2 frame by frame,', () => {
  let host: RawHost;
  let boot: number;
  let ticks: number;
  let id = 0;

  before(async () => {
    host = await RawHost.start(PREFIX);
    send('h', ++id);
    const hello = await reply('H');
    ({ boot, ticks } = JSON.parse(hello.text));
  });

  after(() => host.stop());

  function send(kind: string, exchange: number, n = 0, data = NOTHING, last = true): void {
    const header = Buffer.alloc(10);
    header.write(kind);
    header[1] = last ? 1 : 0;
    header.writeUInt32BE(exchange, 2);
    header.writeUInt32BE(n, 6);
    host.client.publish(`${PREFIX}/mqb/2/cmd/rawhost_`, Buffer.concat([header, data]));
  }

  /** The next frame of the newest exchange, which has to be of this kind. */
  async function reply(kind: string, exchange = id): Promise<Frame> {
    const frame = await anyReply(exchange);
    assert.equal(frame.kind, kind, frame.text);
    return frame;
  }

  async function anyReply(exchange = id): Promise<Frame> {
    const { payload } = await host.message(
      ({ topic, payload }) =>
        topic === `${PREFIX}/mqb/2/reply/rawhost_` && payload.readUInt32BE(2) === exchange,
    );
    return {
      kind: payload.toString('latin1', 0, 1),
      last: payload[1] ?? -1,
      id: payload.readUInt32BE(2),
      n: payload.readUInt32BE(6),
      text: payload.toString('utf8', 10),
    };
  }

  const command = (source: string, head: object = {}) =>
    Buffer.from(
      `${JSON.stringify({ do: 'eval', boot, until: (ticks + 600_000) & 0x3fffffff, ...head })}\n${source}`,
    );

  /** A command in one frame, under a new id. */
  function run(source: string, head: object = {}): Buffer {
    const data = command(source, head);
    send('c', ++id, 0, data);
    return data;
  }

  /** The frames up to the last of the reply, acknowledged like a host does; without `k`. */
  async function finish(): Promise<Frame[]> {
    const frames: Frame[] = [];
    for (;;) {
      const frame = await anyReply();
      if (frame.kind === 'k') continue;
      frames.push(frame);
      if (frame.last) send('a', id, frame.n + 1);
      if (frame.last) return frames;
    }
  }

  const text = (frames: Frame[], kind: string) =>
    frames.flatMap((frame) => (frame.kind === kind ? [frame.text] : [])).join('');

  it('says hello with its boot and its clock', async () => {
    send('h', ++id);
    const { n, last, text: said } = await reply('H');
    assert.deepEqual([n, last], [0, 0]);
    const again = JSON.parse(said);
    assert.equal(again.boot, boot);
    assert.ok(again.ticks >= ticks && again.ticks < ticks + 60_000);
  });

  it('answers a short expression with one frame', async () => {
    run('45+876');
    assert.deepEqual(await reply('v'), { kind: 'v', last: 1, id, n: 0, text: '921' });
  });

  it('answers statements with their output and an empty value', async () => {
    run('print("one")\nprint("two")');
    const frames = await finish();
    assert.deepEqual(
      frames.map((frame) => [frame.kind, frame.n, frame.last, frame.text]),
      [
        ['o', 0, 0, 'one\ntwo\n'],
        ['v', 1, 1, ''],
      ],
    );
  });

  it('does not run a repeated command again, and answers it from memory', async () => {
    run('counted = 0');
    await finish();
    const data = run('counted += 1\nprint(counted)');
    await reply('o');
    await reply('v');
    send('c', id, 0, data); // as if both frames had been lost
    await reply('k');
    assert.equal((await reply('o')).text, '1\n');
    assert.equal((await reply('v')).n, 1);
    send('a', id, 2);
    send('c', id, 0, data); // a copy that was long on its way
    run('counted');
    assert.equal((await reply('v')).text, '1');
  });

  it('refuses what came too late, what an earlier boot was meant by, and what it does not know', async () => {
    for (const [head, code] of [
      [{ until: (ticks - 60_000) & 0x3fffffff }, 'expired'],
      [{ boot: boot ^ 1 }, 'restarted'],
      [{ do: 'fly' }, 'unknown'],
      [{ until: 'soon' }, 'bad'],
    ] as const) {
      run('1', head);
      assert.match((await reply('r')).text, new RegExp(`^${code} \\w`));
    }
    send('c', ++id, 0, Buffer.from('no JSON\n1'));
    assert.match((await reply('r')).text, /^bad \w/);
  });

  it('says a refusal again when it is asked again', async () => {
    const data = run('1', { do: 'fly' });
    const first = await reply('r');
    send('c', id, 0, data);
    assert.deepEqual(await reply('r'), first);
  });

  it('puts parts together in any order and asks for what is missing', async () => {
    const data = command(`"${'x'.repeat(3000)}" + "end"`);
    const part = (n: number) =>
      send('c', id, n, data.subarray(n, n + 1400), n + 1400 >= data.length);
    id++;
    part(2800);
    assert.equal((await reply('w')).n, 0);
    part(0);
    assert.equal((await reply('w')).n, 1400);
    part(0);
    assert.equal((await reply('w')).n, 1400);
    part(1400);
    assert.equal(text(await finish(), 'v').length, 3005);
  });

  it('refuses a command that is larger than it said', async () => {
    id++;
    send('c', id, 16_300, Buffer.alloc(1400, 0x20), false);
    assert.match((await reply('r')).text, /^large a command has at most 16384 bytes$/);
  });

  it('accepts a command that awaits, and its output can be followed while it runs', async () => {
    run('for i in range(3):\n  print("step", i)\n  await asyncio.sleep(0.2)\n"never shown"');
    await reply('k');
    for (const i of [0, 1, 2]) {
      const frame = await reply('o');
      assert.deepEqual([frame.n, frame.text], [i, `step ${i}\n`]);
    }
    assert.deepEqual((await finish())[0], { kind: 'v', last: 1, id, n: 3, text: '' });
  });

  it('gives each of two commands that await its own output', async () => {
    const loop = (name: string) =>
      `for i in range(5):\n  print("${name}")\n  await asyncio.sleep(0.01)`;
    run(loop('left'));
    run(loop('right'));
    run('await asyncio.sleep(0.5)');
    await finish();
    const frames: Record<string, string> = {};
    for (const exchange of [id - 2, id - 1]) {
      send('c', exchange, 0, Buffer.from('again'));
      const parts: string[] = [];
      for (let frame = await anyReply(exchange); ; frame = await anyReply(exchange)) {
        if (frame.kind === 'o') parts.push(frame.text);
        if (frame.last) break;
      }
      frames[exchange] = parts.join('');
      send('a', exchange, 99);
    }
    assert.deepEqual(Object.values(frames), ['left\n'.repeat(5), 'right\n'.repeat(5)]);
  });

  it('hears what tasks print that the code waits for, and not those it leaves behind', async () => {
    run(`async def say(word, s):
  await asyncio.sleep(s)
  print(word)`);
    await finish();
    run('await asyncio.gather(say("a", 0.02), asyncio.wait_for(say("b", 0.05), 1))');
    assert.equal(text(await finish(), 'o'), 'a\nb\n');
    run('later = asyncio.create_task(say("on the console", 0.05))');
    await finish();
    run('await asyncio.sleep(0.2)');
    assert.equal(text(await finish(), 'o'), '');
    await host.board.waitForLine(/^on the console$/);
  });

  it('answers an acknowledgement that is up to date, and repeats from there what is not', async () => {
    run('print("x" * 3000)\nawait asyncio.sleep(0.4)');
    const frames = [await anyReply(), await anyReply(), await anyReply(), await anyReply()];
    const output = frames.filter(({ kind }) => kind === 'o');
    assert.equal(output.length, 3);
    send('a', id, 3);
    assert.equal((await reply('k')).n, 0);
    send('a', id, 1); // frames before 3 are acknowledged and gone
    assert.deepEqual((await finish()).at(-1)?.kind, 'v');
  });

  it('sends lost frames again', async () => {
    run('"y" * 2500');
    const frames = [await reply('v'), await reply('v'), await reply('v')];
    send('a', id, 1);
    assert.deepEqual([await reply('v'), await reply('v')], frames.slice(1));
  });

  it('goes on with the oldest frame it has when it has forgotten the wanted one', async () => {
    run('print("z" * 20000)');
    let last = 0;
    while (!last) ({ last } = await anyReply());
    send('a', id, 0);
    const again = await anyReply();
    assert.ok(again.n > 0, 'the first frames are gone');
  });

  it('streams a value and an output much longer than a frame, in order', async () => {
    run('print("p" * 9000)\nlist(range(3000))');
    assert.equal(text(await finish(), 'o'), `${'p'.repeat(9000)}\n`);
    run('list(range(3000))');
    const frames = await finish();
    assert.deepEqual(JSON.parse(text(frames, 'v')), [...Array(3000).keys()]);
    assert.deepEqual(
      frames.map(({ n, last }) => [n, last]),
      frames.map((_, i) => [i, i === frames.length - 1 ? 1 : 0]),
    );
  });

  it('stops a command that is cancelled, where it awaits', async () => {
    run('print("begun")\nawait asyncio.sleep(60)');
    await reply('k');
    await reply('o');
    send('x', id);
    assert.deepEqual(await reply('s'), { kind: 's', last: 1, id, n: 1, text: '' });
    run('1');
    assert.equal((await reply('v')).text, '1');
  });

  it('stops a command that is cancelled before its first step, and keeps nothing of it', async () => {
    for (let i = 0; i < 10; i++) {
      run('await asyncio.sleep(60)');
      send('x', id);
      let frame = await anyReply();
      while (frame.kind !== 's') frame = await anyReply();
    }
    run('len(sys.modules["mqrepl.running"].replies)');
    assert.equal((await reply('v')).text, '0');
  });

  it('takes a CancelledError of the code itself for an exception', async () => {
    run('raise asyncio.CancelledError\nawait asyncio.sleep(0)');
    assert.match(text(await finish(), 'e'), /CancelledError/);
  });

  it('is busy when too many commands await, and free again after them', async () => {
    const first = id + 1;
    for (let i = 0; i < 6; i++) run('await asyncio.sleep(60)');
    run('await asyncio.sleep(0)');
    assert.match((await reply('r')).text, /^busy /);
    // What does not await runs nevertheless: it may be what ends the others, or resets the board.
    run('1');
    assert.equal((await reply('v')).text, '1');
    for (let i = first; i < first + 6; i++) {
      send('x', i);
      while ((await anyReply(i)).kind !== 's');
    }
    run('2');
    assert.equal((await reply('v')).text, '2');
  });

  it('stops by itself what still runs when its host has gone without a word', async () => {
    run('sys.modules["mqrepl.exchange"].grace = 100');
    await finish();
    send('h', ++id);
    ({ ticks } = JSON.parse((await reply('H')).text));
    run('await asyncio.sleep(600)', { until: (ticks + 300) & 0x3fffffff });
    await reply('k');
    await reply('s');
  });

  it('keeps few of the commands whose other parts never come', async () => {
    const used = async () => {
      run('gc.collect() or gc.mem_alloc()');
      return Number(text(await finish(), 'v'));
    };
    const before = await used();
    const part = Buffer.alloc(1400, 0x20);
    for (let i = 0; i < 100; i++) send('c', ++id, 0, part, false);
    assert.ok((await used()) - before < 20 * part.length);
  });

  it('reports an exception whose own text cannot be had', async () => {
    run('class Bad:\n  def __repr__(self): return 1 / 0');
    await finish();
    for (const source of [
      'raise ValueError(Bad())',
      'await asyncio.sleep(0)\nraise ValueError(Bad())',
    ]) {
      run(source);
      const words = /\nRuntimeError: ValueError, whose text cannot be shown: ZeroDivisionError\n$/;
      assert.match(text(await finish(), 'e'), words);
    }
  });

  it('reports an exception after the output, with the lines of the source', async () => {
    run('def f():\n  return 1/0\n\nprint("before")\nf()');
    const frames = await finish();
    assert.equal(text(frames, 'o'), 'before\n');
    assert.equal(
      text(frames, 'e'),
      'Traceback (most recent call last):\n' +
        '  File "<eval>", line 5, in <module>\n' +
        '  File "<eval>", line 2, in f\n' +
        'ZeroDivisionError: divide by zero\n',
    );
  });

  it('survives SystemExit and KeyboardInterrupt, with and without await', async () => {
    for (const source of ['raise SystemExit', 'await asyncio.sleep(0)\nraise KeyboardInterrupt']) {
      run(source);
      assert.match(text(await finish(), 'e'), /(SystemExit|KeyboardInterrupt): \n$/);
    }
    run('1');
    assert.equal((await reply('v')).text, '1');
  });

  it('takes variables as data', async () => {
    run('(a, b)', { vars: { a: "');x", b: { $mqb: 'bytes', v: 'AP8=' } }, tagged: true });
    assert.equal(text(await finish(), 'v'), `("');x", b'\\x00\\xff')`);
  });

  it('keeps the print of the namespace whatever a command did to it', async () => {
    run('print = 5');
    await finish();
    run('print("here")');
    assert.equal(text(await finish(), 'o'), 'here\n');
  });

  it('logs an exception in a task that the code left behind, and goes on', async () => {
    run('async def fail():\n  1/0\nasyncio.create_task(fail())');
    await finish();
    await host.board.waitForLine(/^E .* main: ZeroDivisionError: divide by zero$/);
    run('1');
    assert.equal((await reply('v')).text, '1');
  });

  it('ignores what is no frame', async () => {
    for (const payload of ['', 'c', 'short', `?${'\0'.repeat(12)}`]) {
      host.client.publish(`${PREFIX}/mqb/2/cmd/rawhost_`, payload);
    }
    run('3');
    assert.equal((await reply('v')).text, '3');
  });

  it('has another boot number after a restart, and refuses the old one', async () => {
    const old = boot;
    run('machine.reset()');
    await host.message(({ payload }) => payload.toString() === 'online');
    send('h', ++id);
    ({ boot, ticks } = JSON.parse((await reply('H')).text));
    assert.notEqual(boot, old);
    run('1', { boot: old });
    assert.match((await reply('r')).text, /^restarted /);
  });

  it('ignores what the broker has retained', async () => {
    const topic = `${PREFIX}/mqb/2/cmd/rawhost_`;
    const hello = Buffer.from([...Buffer.from('h'), ...Buffer.alloc(9)]);
    await host.client.publishAsync(topic, hello, { qos: 1, retain: true });
    await host.board.powerCut();
    await host.board.start();
    await host.board.waitForLine(/ignored a retained command/);
    await host.client.publishAsync(topic, '', { qos: 1, retain: true });
  });
});
