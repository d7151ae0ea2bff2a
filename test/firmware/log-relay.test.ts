import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Board, Connection } from '../../core/index';
import { runPython } from '../support/micropython';
import { onceBack } from '../support/power-sweep';
import { RawHost } from '../support/raw-host';

const PREFIX = 'relay/board';

describe('The log on its way to the broker', () => {
  let host: RawHost;
  let connection: Connection;
  let board: Board;

  before(async () => {
    host = await RawHost.start(PREFIX, {
      mqtt: { response_time: 1 },
      config: `
logging.update({"boot_sz": 6000, "boot_level": 10, "loop_sz": 1500, "loop_level": 20})
modules.append("early")`,
      files: {
        'lib/early.py': `
import logging
log = logging.getLogger("early")
log.setLevel(10)
def start(mqtt, config):
    for i in range(60): log.debug("before the connection %d", i)`,
      },
    });
    connection = new Connection({ url: host.broker.url });
    connection.open();
    await once(connection, 'connected');
    board = new Board(connection, PREFIX);
  });

  after(async () => {
    await connection.close();
    await host.stop();
  });

  const ring = async (what: string) => (await board.eval(`__import__("log_lines").${what}`)).value;
  const logged = async (pattern: RegExp) => {
    const { payload } = await host.message(
      ({ topic, payload }) => topic === `${PREFIX}/log` && pattern.test(payload.toString()),
    );
    return payload.toString();
  };

  it('keeps by the limits of the boot what is said before the first connection, then by the others', async () => {
    while ((await ring('ring.limit')) !== 1500) await board.eval('await asyncio.sleep_ms(20)');
    const lines = (await board.logLines()).length;
    assert.ok(((await ring('ring.end')) as number) <= 1500);
    assert.ok(lines > 5 && lines < 60);
    assert.equal(await ring('lost'), 0);
    assert.ok(((await ring('said')) as number) >= 65);
    await board.eval('__import__("early").log.debug("too low by now")\nlog.warning("high enough")');
    const line = await logged(/too low|high enough/);
    assert.match(line, /high enough/);
  });

  it('counts as acknowledged what the broker has, and no more', async () => {
    await board.eval('log.info("one more")');
    await logged(/one more/);
    assert.equal(await ring('acked'), await ring('said'));
    await board.eval(
      'import log_relay\nwas = mqtt.client._flight.acknowledged\n' +
        'mqtt.client._flight.acknowledged = lambda pid: None\nlog.info("unacknowledged")',
    );
    await logged(/unacknowledged/);
    const unacknowledged = (await ring('acked')) as number;
    assert.equal(await ring('said'), unacknowledged + 1);
    await board.eval('mqtt.client._flight.acknowledged = was');
    await logged(/unacknowledged/); // sent again, since its acknowledgement is overdue
    assert.ok(((await onceBack(() => ring('acked'))) as number) > unacknowledged);
  }).timeout(30_000);
});

describe('The task that sends the log', () => {
  it('turns to what the configuration says for later on once, not with each line', async () => {
    const lines = await runPython(`
import log_lines, log_relay
log_lines._print = lambda line: None
class Client:
    def isconnected(self): return True
    async def publish(self, topic, line, qos, sync, acked):
        acked()
class Mqtt:
    client = Client()
    def on_init(awaitable):
        try: awaitable.send(None)
        except StopIteration: pass
served = []
serving = log_relay._serving
log_relay._serving = lambda config: served.append(serving(config))
class Event:
    waits = 0
    def set(self): pass
    def clear(self): pass
    async def wait(self):
        self.waits += 1
        if self.waits == 20: raise SystemExit
        log_lines.say(20, "app", "line", False, True)
class Asyncio:
    Event = Event
    async def sleep_ms(self, ms): pass
log_relay.asyncio = Asyncio()
log_lines.say(20, "app", "of the start", False, True)
try: log_relay._send(Mqtt, {"topic": "log", "loop_sz": 512}).send(None)
except SystemExit: pass
print(log_lines.ring.acked > 10, len(served), log_lines.ring.limit)`);
    assert.deepEqual(lines, ['True 1 512']);
  });
});
