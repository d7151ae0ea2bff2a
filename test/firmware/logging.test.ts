import assert from 'node:assert/strict';
import { runPython } from '../support/micropython';

const CLOCK = `
import logging, log_lines
class Clock:
    ns = ((7 * 3600 + 5 * 60 + 9) * 1000 + 42 + 1767225600000) * 1000000
    def gmtime(self, *_): return (1970,)
    def ticks_ms(self): return 1234
    def time_ns(self): return self.ns
log_lines.time = clock = Clock()
log_lines._start = 1000
log = logging.getLogger("app")
`;

describe('The log', () => {
  it('prints one line for each entry, with the time of day', async () => {
    const lines = await runPython(`${CLOCK}
log.info("started")
log.warning("%d of %s", 3, "four")
logging.getLogger("a-long-name").error("100%")
logging.getLogger().critical("%s %s %s %s", 1, 2, 3, 4)
logging.info("x")
`);
    assert.deepEqual(lines, [
      'I 07:05:09.042      app: started',
      'W 07:05:09.042      app: 3 of four',
      'E 07:05:09.042 a-long-name: 100%',
      'C 07:05:09.042     root: 1 2 3 4',
      'I 07:05:09.042     root: x',
    ]);
  });

  it('counts milliseconds while the clock is unset', async () => {
    const lines = await runPython(`${CLOCK}clock.ns = 946684800000000000\nlog.info("hello")`);
    assert.deepEqual(lines, ['I 234      app: hello']);
  });

  it('shows the time of the zone, also on the other side of midnight', async () => {
    const lines = await runPython(`${CLOCK}
log_lines.zone = 90
log.info("east")
log_lines.zone = -480
log.info("west")`);
    assert.deepEqual(lines, ['I 08:35:09.042      app: east', 'I 23:05:09.042      app: west']);
  });

  it('leaves out what is below the level of its logger', async () => {
    const lines = await runPython(`${CLOCK}
log.debug("no")
log.setLevel(logging.DEBUG)
log.debug("yes")
logging.basicConfig(level=logging.ERROR)
logging.getLogger("other").warning("no")
log.exception("no traceback at hand")
`);
    assert.deepEqual(
      lines.map((line) => line.slice(-3)),
      ['yes', 'and'],
    );
  });

  it('gives a traceback one error line for each of its lines', async () => {
    const lines = await runPython(`${CLOCK}
try: 1 / 0
except Exception as e: log.exc(e, "it %s", "failed")
`);
    assert.equal(lines[0], 'E 07:05:09.042      app: it failed');
    assert.equal(lines[1], 'E 07:05:09.042      app: Traceback (most recent call last):');
    assert.equal(lines.at(-1), 'E 07:05:09.042      app: ZeroDivisionError: divide by zero');
  });

  it('logs a line whose arguments do not fit, rather than to fail', async () => {
    const lines = await runPython(`${CLOCK}log.info("%d", "x")\nlog.info("none", 1)`);
    assert.deepEqual(lines, [
      "I 07:05:09.042      app: %d ('x',)",
      'I 07:05:09.042      app: none (1,)',
    ]);
  });

  it('shows what it can of a line whose text or arguments are code that fails', async () => {
    const lines = await runPython(`${CLOCK}
class Rude(Exception):
    def __str__(self): return 1 / 0
    __repr__ = __str__
log.info("a %s", Rude())
log.info("a %d", Rude())
log.info(Rude())
log.exc(ValueError(1), "a %d", "x")
log.exc(ValueError(Rude()), "of an error")
log.exc(Rude(), "a failure")`);
    assert.deepEqual(
      lines.map((line) => line.slice(15).replace(/^ +/, '')),
      [
        "app: a %s <class 'ZeroDivisionError'>",
        "app: a %d <class 'TypeError'>",
        "app: <class 'Rude'> <class 'ZeroDivisionError'>",
        "app: a %d ('x',)",
        'app: ValueError: 1',
        'app: of an error',
        'app: ValueError: its text cannot be shown: ZeroDivisionError',
        'app: a failure',
        'app: Rude: its text cannot be shown: ZeroDivisionError',
      ],
    );
  });

  it('refuses a level that is none, and goes on with the one before', async () => {
    const lines = await runPython(`${CLOCK}
for level in "DEBUG", None, 1.5:
    for set_level in log.setLevel, logging.basicConfig:
        try: set_level(level)
        except TypeError as e: print(e)
logging.fit()
log.log(9999, "far above all")
log.debug("no")
log.info("yes")`);
    assert.deepEqual(lines.slice(-2), [
      'C 07:05:09.042      app: far above all',
      'I 07:05:09.042      app: yes',
    ]);
    assert.equal(lines[0], "expected a level such as logging.DEBUG, not 'DEBUG'");
    assert.equal(lines.length, 8);
  });

  it('leaves room for the text, however long the name of a logger is', async () => {
    const lines = await runPython(`${CLOCK}
logging.getLogger("n" * 1200).info("first\\nsecond")
for line in log_lines.recent(9999): print(len(line), line[-6:])`);
    assert.deepEqual(lines.slice(-2), ["86 b' first'", "87 b'second'"]);
  });
});

describe('What modules print', () => {
  const LINES = `
import sys, logging, log_lines
log_lines.level = 20
logging.fit()
def remembered():
    for line in log_lines.recent(9999): sys.stdout.write("> " + line.decode().split(" ", 2)[2].strip() + "\\n")
`;

  it('goes to the broker, line by line, and to the console as before', async () => {
    const lines = await runPython(`${LINES}
import log_print
log_print.start(True)
print("a", 1, sep="-")
print("in ", end="")
print("pieces")
print()
print("two\\nlines")
logging.getLogger("app").info("not twice")
remembered()`);
    assert.deepEqual(lines.slice(0, 3), ['a-1', 'in pieces', '']);
    assert.deepEqual(
      lines.filter((line) => line.startsWith('> ')),
      ['a-1', 'in pieces', 'two', 'lines']
        .map((line) => `> print: ${line}`)
        .concat('> app: not twice'),
    );
  });

  it('does not when it goes elsewhere, or when the level of the logger print is above info', async () => {
    const lines = await runPython(`${LINES}
import io, log_print, log_levels
log_print.start(True)
file = io.StringIO()
print("into a file", file=file)
log_levels.setting({"mqtt": {"print": "off"}})
print("switched off")
remembered()
print(file.getvalue())`);
    assert.deepEqual(lines, ['switched off', 'into a file', '']);
  });

  it('may be bytes that are no text', async () => {
    const lines = await runPython(`${LINES}
import log_print
log_print.start(True)
for data in b"a" + b"\\x80" * 300, b"\\x80" * 600, b"\\xff\\n":
    log_print._lines.write(data)
print("still there")
remembered()`);
    assert.deepEqual(lines.slice(-2), ['> logging: 3 lines lost', '> print: still there']);
  });

  it('is cut where a line does not end, and survives a full memory', async () => {
    const lines = await runPython(`${LINES}
import log_print, micropython
log_print.start(True)
print("é" * 300, end="")
micropython.heap_lock()
try: log_print._lines.write(b"no memory\\n")
finally: micropython.heap_unlock()
print(" on")
print(log_lines.ring.missed)
remembered()`);
    assert.deepEqual(
      lines.slice(1).filter((line) => !line.startsWith('> print: ééé')),
      ['1', '> logging: 1 lines lost', '> print:  on', '> print: 1'],
    );
  });

  const DUPTERM = `
import sys, os
class Os:
    taken = None
    def dupterm(self, stream):
        before, self.taken = self.taken, stream
        return before
sys.modules["os"] = fake = Os()
`;

  it('is taken from the console as a whole where there is a free os.dupterm', async () => {
    const lines = await runPython(`${DUPTERM}${LINES}
import log_print
log_print.start("console")
stream = fake.taken
assert stream.readinto(bytearray(9)) is None and stream.ioctl(3, 1) == 0
def tee(line):
    stream.write(line.encode() + b"\\r\\n")  # as the console does with what it shows
log_lines._print = tee
stream.write(b"Traceback of the C code\\r\\n")
logging.getLogger("app").info("on the console, too")
remembered()`);
    assert.deepEqual(lines, ['> print: Traceback of the C code', '> app: on the console, too']);
  });

  it('leaves a dupterm that is taken to who has it', async () => {
    const lines = await runPython(`${DUPTERM}${LINES}
import log_print
fake.taken = "webrepl"
log_print.start("console")
print(fake.taken)
remembered()`);
    assert.match(lines[0] ?? '', /os\.dupterm is taken/);
    assert.deepEqual(lines.slice(1, 2), ['webrepl']);
    assert.equal(lines.at(-1), '> print: webrepl');
  });
});
