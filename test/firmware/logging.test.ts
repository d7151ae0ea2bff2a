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
});
