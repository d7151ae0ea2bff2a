import assert from 'node:assert/strict';
import { runPython } from '../support/micropython';

/** `remembered` and `deliver` print lines as they are published, without time and boot: `17~+ E app: text`. */
const RING = `
import boot_id
boot_id.number = 0x2a4f
import logging, log_lines, micropython
from log_lines import ring
ring.numbered = True
log_lines._print = lambda line: None
log = logging.getLogger("app")
log.setLevel(10)
log_lines.level = 10
logging.fit()
def short(line):
    line = str(line, "utf-8")
    mark, rest = line[line.index("#") + 5:].split(" ", 1)
    return mark + " " + line[0] + " " + rest.strip()
def remembered():
    for line in log_lines.recent(99999): print(short(line))
def deliver(n=9999, acknowledge=True):
    while n:
        line = ring.next()
        if not line: break
        print(short(line))
        if acknowledge: ring.acknowledge()
        n -= 1
`;

const ring = (script: string) => runPython(RING + script);

describe('The ring of log lines', () => {
  it('numbers what is meant for the broker, and marks what was said without a connection', async () => {
    const lines = await ring(`
log.info("first")
log_lines.connected = lambda: True
logging.getLogger("other").debug("below its level")
log.info("second")
log.info("two\\nlines")
print(log_lines.recent(99)[-1])
remembered()`);
    assert.match(lines[0] ?? '', /^b'I \d\d:\d\d:\d\d\.\d{3}#a4f\.4 {6}app: lines'$/);
    assert.deepEqual(lines.slice(1), [
      '1~ I app: first',
      '2 I app: second',
      '3+ I app: two',
      '4 I app: lines',
    ]);
  });

  it('has no numbers unless they are asked for', async () => {
    const lines = await ring(`ring.numbered = False\nlog.info("x")\nprint(ring.next())`);
    assert.match(lines[0] ?? '', /^b'I [\d:.]+ {6}app: x'$/);
  });

  it('cuts what is longer than a message between two characters', async () => {
    const lines = await ring(`
log.info("é" * 800 + "\\nmore")
for line in log_lines.recent(9999): print(len(line), short(line)[:14], line[-1:])`);
    assert.deepEqual(lines, [
      "1007 1~& I app: ééé b'\\xa9'",
      "659 2~+ I app: ééé b'\\xa9'",
      "36 3~ I app: more b'e'",
    ]);
  });

  it('drops the lowest level first, of it the oldest, and says how many in their place', async () => {
    const lines = await ring(`
log_lines.bound(260)
for i in range(2):
    log.debug("debug %d", i)
    log.info("info %d", i)
    log.error("error %d", i)
for i in range(3): log.info("later %d", i)
remembered()
print(ring.said, ring.lost)`);
    assert.deepEqual(lines, [
      '2~ W logging: 2 lines lost',
      '3~ E app: error 0',
      '4~ W logging: 1 lines lost',
      '5~ I app: info 1',
      '6~ E app: error 1',
      '7~ I app: later 0',
      '8~ I app: later 1',
      '9~ I app: later 2',
      '9 3',
    ]);
  });

  it('gives up a new line rather than one of a higher level', async () => {
    const lines = await ring(`
log_lines.bound(100)
log.error("one"); log.error("two")
log.info("three"); log.info("four")
remembered()
log.error("five")
print("-")
remembered()`);
    assert.deepEqual(lines, [
      '1~ E app: one',
      '2~ E app: two',
      '4~ W logging: 2 lines lost',
      '-',
      '1~ W logging: 1 lines lost',
      '2~ E app: two',
      '4~ W logging: 2 lines lost',
      '5~ E app: five',
    ]);
  });

  it('drops a message of several lines as a whole', async () => {
    const lines = await ring(`
log_lines.bound(200)
log.info("before")
log.info("a\\nb\\nc")
log.info("after")
log.info("x" * 60)
remembered()`);
    assert.deepEqual(
      lines.map((line) => line.slice(0, 28)),
      ['4~ W logging: 4 lines lost', '5~ I app: after', `6~ I app: ${'x'.repeat(18)}`],
    );
  });

  it('keeps beginning and end of a message that is larger than the whole ring', async () => {
    const lines = await ring(`
log_lines.bound(250)
log.error("\\n".join(["line %d" % i for i in range(20)]))
remembered()
print(ring.said)`);
    assert.deepEqual(lines, [
      '1~+ E app: line 0',
      '2~+ E app: line 1',
      '3~ E app: line 2',
      '17~ W logging: 14 lines lost',
      '18~+ E app: line 17',
      '19~+ E app: line 18',
      '20~ E app: line 19',
      '20',
    ]);
  });

  it('keeps what was acknowledged until there is need of its room, and gives that up first', async () => {
    const lines = await ring(`
log_lines.bound(200)
for i in range(3): log.error("sent %d", i)
deliver()
print("-")
for i in range(2): log.debug("waits %d", i)
remembered()
print("-")
for i in range(3): log.debug("more %d", i)
remembered()
print(ring.acked, ring.lost)`);
    assert.deepEqual(lines.slice(lines.indexOf('-') + 1), [
      ...['1~ E app: sent 0', '2~ E app: sent 1', '3~ E app: sent 2'],
      ...['4~ D app: waits 0', '5~ D app: waits 1'],
      '-',
      ...['4~ D app: waits 0', '5~ D app: waits 1'],
      ...['6~ D app: more 0', '7~ D app: more 1', '8~ D app: more 2'],
      '3 0',
    ]);
  });

  it('does not drop what the client has and the broker has not acknowledged', async () => {
    const lines = await ring(`
log_lines.bound(150)
log.debug("on its way")
deliver(1, False)
for i in range(5): log.error("line %d", i)
remembered()
ring.acknowledge()
print(ring.acked)
log.error("last")
remembered()`);
    assert.deepEqual(lines, [
      '1~ D app: on its way',
      ...['1~ D app: on its way', '4~ W logging: 3 lines lost', '5~ E app: line 3'],
      ...['6~ E app: line 4', '1'],
      ...['4~ W logging: 3 lines lost', '5~ E app: line 3', '6~ E app: line 4', '7~ E app: last'],
    ]);
  });

  it('does not tear a message of which a part is on its way', async () => {
    const lines = await ring(`
log_lines.bound(200)
log.debug("one\\ntwo\\nthree")
deliver(1, False)
for i in range(4): log.error("line %d", i)
deliver()`);
    assert.deepEqual(lines, [
      ...['1~+ D app: one', '2~+ D app: two', '3~ D app: three'],
      ...['5~ W logging: 2 lines lost', '6~ E app: line 2', '7~ E app: line 3'],
    ]);
  });

  it('accounts for every number, whatever is said, sent and lost', async () => {
    const lines = await ring(`
from random import getrandbits, seed
seed(4711)
log_lines.bound(400)
seen = count = waiting = 0
for step in range(3000):
    what = getrandbits(4)
    if what < 10:
        text = "\\n".join(["x" * getrandbits(5)] * (1 + (getrandbits(2) if what == 0 else 0)))
        if what == 1: text = "y" * (getrandbits(3) * 200)
        log.log(10 * (1 + getrandbits(2)), text)
    elif what < 15:
        line = ring.next()
        if line:
            waiting += 1
            number = int(short(line).split(" ")[0].rstrip("~+&"))
            n = int(short(line).split(": ")[1].split(" ")[0]) if "lines lost" in line else 1
            assert number == seen + n, (number, seen, line)
            seen = number
            count += n if "lines lost" in line else 0
    elif waiting:
        waiting -= 1
        ring.acknowledge()
    if what == 12: log_lines.bound(300 + 8 * getrandbits(5))
    assert ring.end <= len(ring.buf) and ring.acked <= seen <= ring.said
while True:
    line = ring.next()
    if not line: break
    number = int(short(line).split(" ")[0].rstrip("~+&"))
    n = int(short(line).split(": ")[1].split(" ")[0]) if "lines lost" in line else 1
    assert number == seen + n
    seen = number
    count += n if "lines lost" in line else 0
print(seen == ring.said, count == ring.lost, ring.lost > 300, ring.said > 2000)`);
    assert.deepEqual(lines, ['True True True True']);
  });

  it('counts what an interrupt says without memory, and puts the count in its place', async () => {
    const lines = await ring(`
n = 7
log.info("before")
micropython.heap_lock()
log.info("plain")
log.warning("with %d", n)
log.error("with %d %d %d", n, n, n)
log.debug("below all levels") if not log.setLevel(20) else 0
micropython.heap_unlock()
log.info("after")
remembered()`);
    assert.deepEqual(lines, ['1~ I app: before', '4~ W logging: 3 lines lost', '5~ I app: after']);
  });

  it('writes what an interrupt says in the middle of another line behind that line', async () => {
    const lines = await ring(`
clock = log_lines.clock
def interrupted():
    log_lines.clock = clock
    for i in range(6): log.info("inner %d", i)
    return clock()
log_lines.clock = interrupted
log.info("outer")
log.info("next")
remembered()`);
    assert.deepEqual(lines, [
      '1~ I app: outer',
      ...[0, 1, 2, 3].map((i) => `${i + 2}~ I app: inner ${i}`),
      '7~ W logging: 2 lines lost',
      '8~ I app: next',
    ]);
  });

  it('goes on when the memory is full, and says afterwards how much is missing', async () => {
    const lines = await ring(`
class Full:
    def __str__(self): raise MemoryError
log.error("%s", Full())
log.exc(ValueError(Full()), "failed")
log.error("better")
remembered()`);
    assert.equal(lines[0], '2~ W logging: 2 lines lost');
    assert.equal(lines.at(-1), '3~ E app: better');
  });

  it('stays whole where there is no memory left to drop a message', async () => {
    const lines = await ring(`
log_lines.bound(200)
for i in range(5): log.info("line %d", i)
cut = ring.cut
def full(*_): raise MemoryError
ring.cut = full
log.error("first")
ring.cut = cut
log.error("second")
remembered()
print(ring.said, ring.lost)`);
    assert.deepEqual(lines, [
      '1~ W logging: 1 lines lost',
      ...[1, 2, 3, 4].map((i) => `${i + 1}~ I app: line ${i}`),
      '6~ W logging: 1 lines lost',
      '7~ E app: second',
      '7 2',
    ]);
  });

  it('loads anew what there was no memory to load, also where its beginning stayed', async () => {
    const lines = await ring(`
import builtins, sys
load = builtins.__import__
def short_of_memory(name, *more):
    if name != "log_drop": return load(name, *more)
    builtins.__import__ = load
    sys.modules[name] = type(sys)  # as MicroPython before 1.24 leaves it there
    raise MemoryError
log_lines.bound(100)
builtins.__import__ = short_of_memory
for i in range(6): log.info("line %d", i)
print(ring.said, ring.lost)
remembered()`);
    assert.equal(lines[0], '6 4');
    assert.equal(lines.at(-1), '6~ I app: line 5');
  });

  it('leaves it to the loop to wake who sends it, where an interrupt had no memory', async () => {
    const lines = await ring(`
woken = []
later = [None]
def schedule(function, argument): later[0] = function
log_lines.schedule = schedule
log_lines.added = lambda: woken.append(1)
log.info("x")
print(len(woken), later[0])
def inside():
    micropython.heap_lock()
    log.info("y")
    log.info("z")
    micropython.heap_unlock()
inside()
print(len(woken))
later[0](None)
print(len(woken))`);
    assert.deepEqual(lines, ['1 None', '1', '2']);
  });
});
