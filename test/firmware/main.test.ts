import assert from 'node:assert/strict';
import { Broker } from '../../demo/broker';
import { VirtualBoard } from '../../simulator';

const CONFIG = (port: number, more: string) => `
from __main__ import safemode
import logging
location = "shed"
syspath = ["/mods"]
mqtt_config = {"server": "127.0.0.1", "port": ${port}, "ssid": "virtual", "wifi_pw": "virtual"}
mqrepl_config = {"prefix": "shed/mqb/"}
logging_config = {"topic": "shed/log", "loop_level": logging.INFO}
${more}
`;

describe('main.py', () => {
  let broker: Broker;
  let board: VirtualBoard | undefined;

  before(async () => {
    broker = await Broker.start();
  });

  after(() => broker.stop());

  afterEach(async () => {
    await board?.stop();
    board = undefined;
  });

  /** A board with this configuration and these modules, and the topics and texts it publishes. */
  async function start(config: string, files: Record<string, string>): Promise<VirtualBoard> {
    board = new VirtualBoard({
      url: broker.url,
      prefix: 'shed',
      files: { 'board_config.py': CONFIG(broker.port, config), ...files },
    });
    await board.start();
    return board;
  }

  it('starts what the configuration of the original names, each with its dict', async () => {
    const { lines } = await start(
      'own = {"a": 1}\nmodules = ["mqtt", "logging", "mqrepl", "own", "later"]',
      {
        'mods/own.py': 'import board\ndef start(mqtt, config): print(config, board.location)',
        'mods/later.py':
          'import asyncio\nasync def start(mqtt, config):\n  await asyncio.sleep(0)\n  print("later")',
      },
    );
    await board?.waitForLine(/ready for commands below shed\/mqb\//);
    assert.ok(lines.includes("{'a': 1} shed"));
    assert.ok(lines.includes('later'));
  });

  it('logs why a module does not start, and starts the others', async () => {
    await start('modules = ["mqtt", "absent", "wrong", "broken", "logging", "mqrepl"]', {
      'mods/wrong.py': 'def start(mqtt, config):\n  return config["key"]',
      'mods/broken.py': 'x = 1\nx = = 2',
    });
    await board?.waitForLine(/ready for commands/);
    const lines = board?.lines.join('\n') ?? '';
    assert.match(lines, /^E .* main: module absent does not start\n(E .*\n)+E .*ImportError: /m);
    assert.match(lines, /^E .* main: module wrong does not start\n(E .*\n)+E .*KeyError: key/m);
    assert.match(lines, /^E .* main: module broken does not start\n(E .*\n)+E .*SyntaxError: /m);
    assert.match(lines, /started mqrepl/);
  });

  it('can be reached whatever a module, its pins or the flash do at the start', async () => {
    const leave =
      'import sys\ndef start(mqtt, config): mqtt.on_init(go())\nasync def go(): sys.exit()';
    await start(
      `
act_led = False
fail_led = "!x"
import esp32
def worn_out(self, *_): raise OSError(5)
esp32.NVS.set_i32 = worn_out
modules = ["mqtt", "quits", "leaves", "mqrepl"]`,
      { 'mods/quits.py': 'import sys\nsys.exit()', 'mods/leaves.py': leave },
    );
    await board?.waitForLine(/ready for commands/);
    const lines = board?.lines.join('\n') ?? '';
    assert.match(lines, /E .* main: module quits does not start\n(E .*\n)+E .*SystemExit/);
    assert.match(lines, /E .* mqtt: on_init failed\n(E .*\n)+E .*SystemExit/);
    assert.match(lines, /E .* board: no LED on pin '!x': /);
  });

  it('starts the modules of the original, with their configurations', async () => {
    await start(
      `
mqtt_config["ssl_params"] = None
watchdog_config = {"prefix": "shed/mqb/", "timeout": 120, "allok": 180, "revert": True}
sntp_config = {"host": "pool.ntp.org", "zone": "PST+8PDT,M3.2.0/2,M11.1.0/2"}
sysinfo_config = {"topic": "shed/sysinfo", "interval": 20}
act_led = fail_led = False
modules = ["mqtt", "sntp", "logging"]
modules += ["watchdog", "mqrepl"]
if not safemode: modules += ["sysinfo"]`,
      {},
    );
    const vital = new Promise<string>((resolve) => {
      broker.aedes.on('publish', ({ topic, payload }) => {
        if (topic === 'shed/sysinfo') resolve(payload.toString());
      });
    });
    await board?.waitForLine(/started watchdog/);
    await board?.waitForLine(/started sntp/);
    await board?.waitForLine(/ready for commands/);
    const { up, free, cont_free, mqtt_conn } = JSON.parse(await vital);
    assert.ok(up >= 0 && free >= cont_free && cont_free > 0);
    assert.equal(mqtt_conn, 1);
  });

  it('leaves out a module whose configuration is wrong, and says what is expected', async () => {
    await start('modules = ["mqtt", "logging", "mqrepl"]\nlogging_config = {"topic": 5}', {});
    await board?.waitForLine(/ready for commands/);
    const lines = board?.lines.join('\n') ?? '';
    assert.match(
      lines,
      /E .* main: logging\.topic: expected the topic of the log, as text, not int/,
    );
    assert.doesNotMatch(lines, /started logging/);
  });

  it('sends what it logged before the first connection', async () => {
    const logged: string[] = [];
    const ready = new Promise<void>((resolve) => {
      broker.aedes.on('publish', ({ topic, payload }) => {
        if (topic !== 'shed/log') return;
        logged.push(payload.toString());
        if (/ready for commands/.test(payload.toString())) resolve();
      });
    });
    await start('modules = ["mqtt", "logging", "mqrepl"]', {});
    await ready;
    assert.match(logged[0] ?? '', /^I \d\d:\d\d:\d\d\.\d{3} {5}main: MicroPython v/);
    assert.match(logged.at(-1) ?? '', /ready for commands/);
  });

  it('goes on after an exception in a task, and restarts softly when a task asks for it', async () => {
    await start('modules = ["mqtt", "own", "mqrepl"]', {
      'mods/own.py': `
import asyncio
async def fail():
    await asyncio.sleep(0.3)
    raise ValueError("in a task")
async def leave():
    await asyncio.sleep(0.8)
    raise SystemExit
def start(mqtt, config):
    asyncio.create_task(fail())
    asyncio.create_task(leave())
`,
    });
    await board?.waitForLine(/^E .* main: ValueError: in a task$/);
    await board?.waitForLine(/^W .* main: a task asked for a soft reset$/);
    await board?.waitForLine(/soft/);
  });

  it('says so on the console when it fails itself, and pauses before the reset', async () => {
    await start('1/0', {});
    await board?.waitForLine(/^E .* main: main failed, reset in 30 s/);
    await board?.waitForLine(/^E .* main: ZeroDivisionError: divide by zero$/);
  });
});
