import assert from 'node:assert/strict';
import { runPython } from '../support/micropython';

const CLOCK = `
import logging, log_lines
class Clock:
    def __init__(self, year): self.year = year
    def gmtime(self): return (self.year, 1, 1, 0, 0, 0, 0, 1)
    def ticks_ms(self): return 1234
    def time_ns(self): return ((7 * 3600 + 5 * 60 + 9) * 1000 + 42) * 1000000
def set_clock(year):
    log_lines.time = Clock(year)
    log_lines._start = 1000
set_clock(2026)
log = logging.getLogger("app")
`;

describe('The log', () => {
  it('prints one line for each entry, with the time of day', async () => {
    const lines = await runPython(`${CLOCK}
log.info("started")
log.warning("%d of %s", 3, "four")
logging.getLogger("a-long-name").error("100%")
logging.getLogger().critical("x")
`);
    assert.deepEqual(lines, [
      'I 07:05:09.042      app: started',
      'W 07:05:09.042      app: 3 of four',
      'E 07:05:09.042 a-long-name: 100%',
      'C 07:05:09.042     root: x',
    ]);
  });

  it('counts milliseconds while the clock is unset', async () => {
    const lines = await runPython(`${CLOCK}set_clock(2000)\nlog.info("hello")`);
    assert.deepEqual(lines, ['I 234      app: hello']);
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

  it('cuts what is longer than a message between two characters, and repeats the head', async () => {
    const lines = await runPython(`${CLOCK}
logging.backlog.size = 9999
log.info("é" * 800)
for line in logging.backlog.lines: print(len(line), str(line, "utf-8")[:30])
`);
    assert.deepEqual(lines.slice(1), [
      '1023 I 07:05:09.042      app: ééééé',
      '627 I 07:05:09.042      app: ééééé',
    ]);
  });

  it('says how many lines the backlog has lost, in their place', async () => {
    const lines = await runPython(`${CLOCK}
logging.backlog.size = 100
for i in range(7): log.info("%d", i)
print("--")
while logging.backlog.lines: print(str(logging.backlog.pop(), "utf-8"))
`);
    assert.deepEqual(lines.slice(lines.indexOf('--') + 1), [
      'W 07:05:09.042  logging: 4 lines lost: no connection',
      'I 07:05:09.042      app: 4',
      'I 07:05:09.042      app: 5',
      'I 07:05:09.042      app: 6',
    ]);
  });
});
