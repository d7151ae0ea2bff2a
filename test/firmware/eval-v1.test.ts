import assert from 'node:assert/strict';
import { runPython } from '../support/micropython';
import { type Message, RawHost } from '../support/raw-host';

const PREFIX = 'old/board';

describe('The board, spoken to by version 1 byte by byte,', () => {
  let host: RawHost;
  let count = 0;

  before(async () => {
    host = await RawHost.start(PREFIX);
  });

  after(() => host.stop());

  const send = (payload: Buffer | string, id: string, command = 'eval') => {
    const bytes = Buffer.concat([Buffer.from([0x80, 0]), Buffer.from(payload)]);
    return host.client.publishAsync(`${PREFIX}/mqb/cmd/${command}/${id}/`, bytes, { qos: 1 });
  };

  const isReply = ({ topic }: Message) => topic.includes('/mqb/reply/');

  /** Every message of the reply, until the one that ends it. */
  const ask = async (payload: Buffer | string, command?: string): Promise<Message[]> => {
    const id = `id_-${String(count++).padStart(4, '0')}`;
    const replies: Message[] = [];
    void send(payload, id, command);
    for (;;) {
      const reply = await host.message(({ topic }) => topic.endsWith(`/${id}`));
      replies.push(reply);
      if (reply.topic.includes('/err/') || (reply.payload[0] ?? 0) & 0x80) return replies;
    }
  };

  const bytes = async (source: Buffer | string): Promise<string> => {
    const replies = await ask(source);
    assert.equal(replies.length, 1);
    assert.match(replies[0]?.topic ?? '', /^old\/board\/mqb\/reply\/out\/id_-\d+$/);
    assert.equal(replies[0]?.qos, 1);
    return replies[0]?.payload.toString('latin1') ?? '';
  };

  it('answers an expression with its repr, in one message that is not numbered', async () => {
    assert.equal(await bytes('45+876'), '\xff\xff921');
    assert.equal(await bytes('"a"'), "\xff\xff'a'");
    assert.equal(await bytes('None'), '\xff\xffNone');
  });

  it('answers statements with what they printed', async () => {
    assert.equal(await bytes('for i in range(3):\n  print(i)'), '\xff\xff0\n1\n2\n');
    assert.equal(await bytes('kept = 5'), '\xff\xff');
    assert.equal(await bytes('kept'), '\xff\xff5');
  });

  it('does not lose what an expression printed', async () => {
    assert.equal(await bytes('print("seen")'), '\xff\xffseen\n');
    assert.equal(await bytes('[print("seen"), 7][1]'), '\xff\xffseen\n7');
  });

  it('awaits, and serves other commands meanwhile', async () => {
    await send('await asyncio.sleep(0.3)\nprint("slow")', 'slow____');
    await send('"fast"', 'fast____');
    const replies = [await host.message(isReply), await host.message(isReply)];
    assert.deepEqual(
      replies.map(({ topic }) => topic.slice(-8)),
      ['fast____', 'slow____'],
    );
  });

  it('refuses what awaits while six commands do, and nothing else', async () => {
    for (let i = 0; i < 6; i++) await send('await asyncio.sleep(1.5)', `wait___${i}`);
    const [refusal] = await ask('await asyncio.sleep(0)');
    assert.match(refusal?.topic ?? '', /\/err\//);
    assert.equal(refusal?.payload.toString(), 'too many commands run, try again');
    assert.equal(await bytes('1'), '\xff\xff1');
    const last = await host.message(({ topic }) => topic.endsWith('wait___5'));
    assert.match(last.topic, /\/out\//);
  });

  it('sends what is long in numbered messages, the last of them marked', async () => {
    const replies = await ask('"é" * 1500');
    const numbers = replies.map(({ payload }) => payload.readUInt16BE(0));
    assert.deepEqual(
      numbers,
      replies.map((_, i) => (i === replies.length - 1 ? i | 0x8000 : i)),
    );
    assert.ok(replies.length > 2 && replies.every(({ payload }) => payload.length <= 2802));
    const whole = Buffer.concat(replies.map(({ payload }) => payload.subarray(2))).toString();
    assert.equal(whole, `'${'\\xe9'.repeat(1500)}'`);
  });

  it('ends a command that fails with the traceback, without a header', async () => {
    const [reply, ...more] = await ask('x = 1\nraise ValueError');
    assert.deepEqual(more, []);
    assert.match(reply?.topic ?? '', /\/reply\/err\//);
    assert.equal(
      reply?.payload.toString(),
      'Traceback (most recent call last):\n  File "<eval>", line 2, in <module>\nValueError: \n',
    );
  });

  it('sends what was printed before an exception, then the traceback', async () => {
    const [output, error] = await ask('print("before")\n1/0');
    assert.equal(output?.payload.toString('latin1'), '\x00\x00before\n');
    assert.match(error?.payload.toString() ?? '', /ZeroDivisionError: divide by zero\n$/);
  });

  it('survives SystemExit and KeyboardInterrupt and reports them', async () => {
    for (const name of ['SystemExit', 'KeyboardInterrupt']) {
      const [reply] = await ask(`raise ${name}`);
      assert.match(reply?.payload.toString() ?? '', new RegExp(`${name}: \n$`));
    }
    assert.equal(await bytes('1'), '\xff\xff1');
  });

  it('says so when the source is not UTF-8, and when it does not know a command', async () => {
    const [source] = await ask(Buffer.from([0x27, 0xff, 0xfe, 0x27]));
    assert.match(source?.payload.toString() ?? '', /ValueError: the source is not UTF-8\n$/);
    const [command] = await ask('', 'fly');
    assert.equal(command?.payload.toString(), 'this board has no command fly');
  });

  it('has in its namespace what the original tool counts on', async () => {
    const names = 'gc sys machine os time logging board log uos uhashlib ubinascii asyncio mqtt';
    assert.equal(
      await bytes(`[n for n in "${names}".split() if n not in globals()]`),
      '\xff\xff[]',
    );
    assert.equal(
      await bytes('import uos, uhashlib, ubinascii\nprint(len(list(uos.ilistdir("/lib"))) > 5)'),
      '\xff\xffTrue\n',
    );
  });

  it('ignores a payload without a whole header', async () => {
    await host.client.publishAsync(`${PREFIX}/mqb/cmd/eval/shortest/`, Buffer.from([0x80]), {
      qos: 1,
    });
    assert.equal(await bytes('2'), '\xff\xff2');
  });

  it('does not run a retained command', async () => {
    const topic = `${PREFIX}/mqb/cmd/eval/retained/`;
    const payload = Buffer.concat([Buffer.from([0x80, 0]), Buffer.from('ran = 1')]);
    await host.client.publishAsync(topic, payload, { qos: 1, retain: true });
    await host.board.powerCut();
    await host.board.start();
    await host.board.waitForLine(/ignored a retained command/);
    await host.client.publishAsync(topic, '', { qos: 1, retain: true });
    assert.equal(await bytes('"ran" in globals()'), '\xff\xffFalse');
  });
});

describe('A redelivered command of version 1', () => {
  /** What runs of messages given as (id, DUP flag). */
  const ran = async (...messages: [id: string, dup: boolean][]) =>
    runPython(`
import asyncio
from mqrepl import v1
class Client:
    async def publish(self, *args, **options): pass
class Mqtt:
    client = Client()
server = v1.Server(Mqtt, b"P/mqb/reply/", {"eval": lambda reply, head, body: print(bytes(body).decode())})
for name, dup in ${JSON.stringify(messages).replaceAll('true', 'True').replaceAll('false', 'False')}:
    server.receive(b"eval/" + name.encode() + b"/", b"\\x80\\0" + name.encode(), dup)
`).then((lines) => lines.filter((line) => !line.startsWith('W ')));

  it('does not crash a restarted board again', async () => {
    assert.deepEqual(await ran(['a', true], ['b', true], ['c', false], ['d', true]), ['c', 'd']);
  });

  it('is not run twice', async () => {
    assert.deepEqual(await ran(['a', false], ['a', true], ['b', false]), ['a', 'b']);
  });

  it('may have the same id when it is a new one, as the watchdog of the original does', async () => {
    assert.deepEqual(await ran(['0F00D', false], ['0F00D', false]), ['0F00D', '0F00D']);
  });
});

describe('A flood of commands of version 1', () => {
  it('is answered at once with a refusal while replies wait for their acknowledgement', async () => {
    const lines = await runPython(`
import asyncio
from mqrepl import v1
class Client:
    async def publish(self, topic, message, qos): await asyncio.sleep(60)
    def publish_now(self, topic, message): print(topic, message)
class Mqtt:
    client = Client()
server = v1.Server(Mqtt, b"P/", {"eval": lambda reply, head, body: None})
for i in range(10):
    server.receive(b"eval/%d" % i, b"\x80\x001", False)
`);
    assert.deepEqual(
      lines,
      [8, 9].map((i) => `b'P/err/${i}' b'too many commands at once, try again'`),
    );
  });
});
