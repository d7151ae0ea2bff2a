import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appImage, type VirtualBoard } from '../../simulator';
import { tinyBoard } from './tiny-board';

/** What a chip promises, whatever interpreter plays it. */
export function describeChip(runtime: 'wasm' | 'unix'): void {
  const boards: VirtualBoard[] = [];
  const folders: string[] = [];

  const board = (main: string, options: Parameters<typeof tinyBoard>[1] = {}) => {
    const made = tinyBoard(main, { runtime, ...options });
    boards.push(made);
    return made;
  };
  const folder = () => {
    const made = mkdtempSync(join(tmpdir(), 'mqboard-test-'));
    folders.push(made);
    return made;
  };
  const run = async (main: string, options: Parameters<typeof tinyBoard>[1] = {}) => {
    const made = board(main, options);
    await made.start();
    await made.waitForLine(/^>>> /);
    return made;
  };

  afterEach(async () => {
    for (const made of boards.splice(0)) await made.stop();
    for (const path of folders.splice(0)) rmSync(path, { recursive: true });
  });

  describe('resets', () => {
    it('keeps files and RTC memory over machine.reset(), and starts a new interpreter', async () => {
      const main = `
import machine
memory = machine.RTC().memory()
print("cause", machine.reset_cause(), memory, "left" in globals())
left = True
if not memory:
    machine.RTC().memory(b"kept")
    with open("/file", "w") as file:
        file.write("here")
    machine.reset()
    print("never")
print(open("/file").read())`;
      const made = await run(main);
      assert.deepEqual(made.lines, [
        '[power on]',
        "cause 1 b'' False",
        '[reset: HARD]',
        "cause 2 b'kept' False",
        'here',
        '>>> ',
      ]);
    });

    it('loses RTC memory, but no file, when the power is cut', async () => {
      const made = await run(`
import machine, os
print("cause", machine.reset_cause(), machine.RTC().memory(), "new" in os.listdir("/"))
machine.RTC().memory(b"x" * 2048)
open("/new", "w").close()`);
      await made.powerCut();
      await made.start();
      assert.equal(await made.waitForLine(/cause/), "cause 1 b'' True");
    });

    it('keeps RTC memory as it was or as it became when a reset meets its change', async () => {
      const made = await run(`
import machine
rtc = machine.RTC()
before = rtc.memory()
print("found", len(before), before == before[:1] * len(before))
rounds = before[0] if before else 0
if rounds < 5:
    machine.WDT(timeout=40 + rounds)
    while True:
        rtc.memory(bytes((rounds + 1,)) * 2048)
        rtc.memory(bytes((rounds + 1,)) * 3)`);
      const found = made.lines.filter((line) => line.startsWith('found'));
      assert.equal(found.length, 6);
      for (const line of found.slice(1)) assert.match(line, /^found (3|2048) True$/);
    });

    it('wakes from deep sleep by a reset of its own, with its RTC memory', async () => {
      const made = await run(`
import machine
if machine.reset_cause() == machine.PWRON_RESET:
    machine.RTC().memory("slept")
    machine.WDT(timeout=50)
    machine.deepsleep(150)
print(machine.reset_cause() == machine.DEEPSLEEP_RESET, machine.RTC().memory())`);
      assert.deepEqual(made.lines.slice(1, -1), [
        '[deep sleep]',
        '[reset: DEEPSLEEP]',
        "True b'slept'",
      ]);
    });

    it('does not wake a board whose power was cut while it slept', async () => {
      const made = board('import machine\nmachine.deepsleep(40)');
      await made.start();
      await made.waitForLine(/deep sleep/);
      await made.powerCut();
      await new Promise((resolve) => setTimeout(resolve, 80));
      assert.equal(made.lines.at(-1), '[power off]');
    });

    it('tells a soft reset from the others, and makes one of SystemExit', async () => {
      const made = await run(`
import machine
print("cause", machine.reset_cause())
if machine.reset_cause() == machine.PWRON_RESET:
    raise SystemExit`);
      assert.deepEqual(made.lines, ['[power on]', 'cause 1', '[reset: SOFT]', 'cause 5', '>>> ']);
    });

    it('raises SystemExit for a soft reset, so that who catches it goes on', async () => {
      const made = await run(`
import machine
try:
    machine.soft_reset()
except SystemExit:
    print("caught")`);
      assert.deepEqual(made.lines, ['[power on]', 'caught', '>>> ']);
    });

    it('cuts the power of a board that is stuck', async () => {
      const made = board('print("stuck")\nwhile True:\n    pass');
      await made.start();
      await made.waitForLine(/stuck/);
      await made.powerCut();
      assert.equal(made.lines.at(-1), '[power off]');
    });

    it('does not run main.py after a boot.py that failed', async () => {
      const made = await run('print("main")', { files: { 'boot.py': 'nonsense' } });
      assert.ok(made.lines.some((line) => line.startsWith('NameError')));
      assert.ok(!made.lines.includes('main'));
    });

    it('runs main.py as __main__, with what boot.py left there', async () => {
      const made = await run(
        'from __main__ import safemode\nprint(__name__, safemode, sorted(globals()))',
        { files: { 'boot.py': 'safemode = 7' } },
      );
      assert.match(made.lines[1] ?? '', /^__main__ 7 /);
      assert.doesNotMatch(made.lines[1] ?? '', /_board|_power_on|programs/);
    });
  });

  describe('the watchdog', () => {
    it('bites an endless loop, in the middle of a line', async () => {
      const made = await run(`
import machine
if machine.reset_cause() == machine.WDT_RESET:
    print("bitten")
else:
    machine.WDT(timeout=200)
    print("half a line", end="")
    machine.idle()
    while True:
        pass`);
      const reset = made.lines.indexOf('[reset: WDT]');
      assert.ok(reset > 0);
      assert.deepEqual(made.lines.slice(reset), ['[reset: WDT]', 'bitten', '>>> ']);
    });

    it('stays quiet while it is fed', async () => {
      const made = await run(`
import machine, time
wdt = machine.WDT(timeout=400)
for i in range(12):
    time.sleep_ms(50)
    wdt.feed()
print("alive")`);
      assert.deepEqual(made.lines, ['[power on]', 'alive', '>>> ']);
    });

    it('bites on through a soft reset, and is off after a hard one', async () => {
      const made = board(`
import machine
if machine.reset_cause() == machine.PWRON_RESET:
    machine.WDT(timeout=700)
    machine.soft_reset()
print("waiting")`);
      await made.start();
      const [first] = await once(made, 'reset');
      const [second] = await once(made, 'reset');
      assert.deepEqual([first, second], ['SOFT', 'WDT']);
    });
  });

  describe('the boot loader', () => {
    const main = (steps: string) => `
import esp32, machine
P = esp32.Partition
nvs = esp32.NVS("test")
try:
    step = nvs.get_i32("step")
except OSError:
    step = 0
nvs.set_i32("step", step + 1)
nvs.commit()
print("step", step, "runs", P(P.RUNNING).info()[4])
def update():
    slot = P(P.RUNNING).get_next_update()
    slot.writeblocks(0, b"\\xe9" + bytes(4095))
    slot.set_boot()
    machine.reset()
${steps}`;
    const steps = (made: VirtualBoard) => made.lines.filter((line) => line.startsWith('step'));

    it('goes back to the old image when the new one is not marked valid', async () => {
      const made = await run(main('if step == 0: update()\nif step == 1: machine.reset()'));
      assert.deepEqual(steps(made), [
        'step 0 runs ota_0',
        'step 1 runs ota_1',
        'step 2 runs ota_0',
      ]);
    });

    it('goes back as well when the power is cut during the trial', async () => {
      const made = await run(main('if step == 0: update()'));
      await made.powerCut();
      await made.start();
      assert.equal(await made.waitForLine(/^step/), 'step 2 runs ota_0');
    });

    it('stays with an image that is marked valid', async () => {
      const made = await run(
        main(`
if step == 0: update()
if step == 1:
    P.mark_app_valid_cancel_rollback()
    machine.reset()`),
      );
      assert.equal(steps(made).at(-1), 'step 2 runs ota_1');
    });

    it('does not take the trial for over after a soft reset', async () => {
      const made = await run(main('if step == 0: update()\nif step == 1: machine.soft_reset()'));
      assert.equal(steps(made).at(-1), 'step 2 runs ota_1');
    });

    it('goes back from an image that panics, and does not start one of another chip', async () => {
      const flash = (image: Buffer) =>
        main(`
if step == 0:
    import binascii
    slot = P(P.RUNNING).get_next_update()
    image = binascii.a2b_base64("${image.subarray(0, 64).toString('base64')}")
    slot.writeblocks(0, image + bytes(4096 - len(image)))
    slot.set_boot()
    machine.reset()`);
      const made = await run(flash(appImage({ starts: false })));
      assert.equal(steps(made).at(-1), 'step 1 runs ota_0');
      assert.deepEqual(
        made.lines.filter((line) => line.startsWith('[boot loader')),
        ['[boot loader: ota_1 panics]', '[boot loader: ota_1 was not marked valid: back to ota_0]'],
      );
      const other = await run(flash(appImage({ chip: 'esp32s3' })));
      assert.equal(steps(other).at(-1), 'step 1 runs ota_0');
      assert.match(other.lines.join(), /ota_1 holds no image for this chip: ota_0 instead/);
    });

    it('starts a slot on trial that is chosen again, be it the one before', async () => {
      const made = await run(
        main(`
if step == 0: update()
if step == 1:
    P("ota_0").set_boot()
    machine.reset()
if step == 2: machine.reset()`),
      );
      assert.deepEqual(steps(made), [
        'step 0 runs ota_0',
        'step 1 runs ota_1',
        'step 2 runs ota_0',
        'step 3 runs ota_0',
      ]);
      const said = made.lines.filter((line) => line.startsWith('[boot loader'));
      assert.match(said.at(-1) ?? '', /ota_0 was not marked valid/);
    });

    it('marks nothing valid where nothing was chosen', async () => {
      const made = await run(`
import esp32
try:
    esp32.Partition.mark_app_valid_cancel_rollback()
except OSError as e:
    print(e.args)`);
      assert.equal(made.lines[1], "(1, 'ESP_FAIL')");
    });

    it('has nothing to choose from on a board with one app', async () => {
      const made = await run(
        `
import esp32
P = esp32.Partition
running = P(P.RUNNING)
head = bytearray(1)
running.readblocks(0, head)
print(running.info()[4], head, len(P.find(P.TYPE_APP)))
try:
    running.get_next_update()
except OSError as e:
    print("none", e.args[0])`,
        { partitions: 'factory' },
      );
      assert.deepEqual(made.lines.slice(1, -1), ["factory bytearray(b'\\xe9') 1", 'none 2']);
    });

    it('refuses a slot without an image, and writes that cross its end', async () => {
      const made = await run(`
import esp32
slot = esp32.Partition(esp32.Partition.RUNNING).get_next_update()
print(slot.info()[3] == 1536 * 1024, slot.ioctl(4, 0), slot.ioctl(5, 0))
for what in (slot.set_boot, lambda: slot.writeblocks(384, bytes(4096))):
    try:
        what()
        print("taken")
    except OSError as e:
        print("refused", e.args[0])
buf = bytearray(4)
slot.writeblocks(383, b"\\xf0\\xff" * 2048)
slot.writeblocks(383, b"\\x3c", 0)
slot.readblocks(383, buf)
print(buf)`);
      assert.deepEqual(made.lines.slice(1, -1), [
        'True 384 4096',
        'refused -5379',
        'refused -258',
        "bytearray(b'0\\xff\\xf0\\xff')",
      ]);
    });
  });

  describe('storage', () => {
    it('is the same board again with the same flash folder', async () => {
      const flash = folder();
      const main = `
import machine, os
print("id", machine.unique_id().hex(), "mark" in os.listdir())
open("/mark", "w").close()`;
      const [first, second] = [await run(main, { flash }), await run('never', { flash })];
      const id = /id (\w{12}) (\w+)/;
      const [, firstId, firstMark] = id.exec(first.lines[1] ?? '') ?? [];
      const [, secondId, secondMark] = id.exec(second.lines[1] ?? '') ?? [];
      assert.deepEqual([firstMark, secondMark], ['False', 'True']);
      assert.equal(firstId, secondId);
    });

    it('keeps of NVS what was committed', async () => {
      const made = await run(`
import esp32
nvs = esp32.NVS("space")
try:
    buf = bytearray(8)
    print("found", nvs.get_i32("n"), nvs.get_blob("b", buf), buf)
    nvs.get_i32("late")
except OSError as e:
    print("missing", e.args[0])
nvs.set_i32("n", -5)
nvs.set_blob("b", b"\\x00\\xff")
nvs.commit()
nvs.set_i32("late", 1)`);
      await made.powerCut();
      await made.start();
      await made.waitForLine(/^>>> /);
      assert.deepEqual(made.lines.slice(1, -1), [
        "found -5 2 bytearray(b'\\x00\\xff\\x00\\x00\\x00\\x00\\x00\\x00')",
        'missing -4354',
      ]);
    });

    it('counts how often NVS is written', async () => {
      const made = await run(`
import esp32
nvs = esp32.NVS("space")
for i in range(3):
    nvs.set_i32("n", i)
    nvs.commit()`);
      assert.equal(made.nvsWrites, 3);
    });

    it('has a flash of the size that it is given', async () => {
      const main =
        'import os\nprint("blocks", os.statvfs("/")[2])\nfile = open("/x", "wb")\nfor i in range(128): file.write(bytes(4096))';
      const made = await run(main, { flashSize: '1m' });
      assert.equal(made.lines[1], 'blocks 256');
      assert.equal(made.lines[2], '>>> ');
    });

    it('has a file system that behaves like littlefs on a board', async () => {
      const made = await run(`
import os, errno
os.mkdir("/d")
os.chdir("/d")
for name in ("old", "new"):
    with open(name, "w") as f: f.write(name)
os.rename("/d/new", "old")
print(os.listdir(), open("old").read(), os.getcwd(), os.stat("old")[6], os.stat("/d")[0] == 0x4000)
def code(call, *args):
    try:
        call(*args)
    except OSError as e:
        return errno.errorcode[e.errno]
print(code(open, "/none"), code(os.mkdir, "/d"), code(os.remove, "/none"), code(os.stat, "/none"))
print(sorted(n for n, *_ in os.ilistdir("/")), [e[3] for e in os.ilistdir("/d")])
f = open("/a", "w+b"); f.write(b"12345"); f.seek(1); f.write(b"x"); f.seek(0); print(f.read()); f.close()
f = open("/a", "ab"); f.write(b"6"); f.close(); print(open("/a", "rb").read())
v = os.statvfs("/"); print(v[0], v[2], 0 < v[3] < v[2])`);
      assert.deepEqual(made.lines.slice(1, -1), [
        "['old'] new /d 3 True",
        'ENOENT EEXIST ENOENT ENOENT',
        "['board_config.py', 'board_secrets.py', 'd', 'main.py'] [3]",
        "b'1x345'",
        "b'1x3456'",
        '4096 512 True',
      ]);
    });
  });

  describe('the clock', () => {
    it('is the host’s', async () => {
      const made = await run('import time\nprint("now", time.time(), time.gmtime(0)[0])');
      const [, now, epoch] = (made.lines[1] ?? '').split(' ').map(Number);
      assert.equal(epoch, 1970);
      assert.ok(Math.abs((now ?? 0) * 1000 - Date.now()) < 30_000);
    });

    it('starts in 2000 when it is unset, and once set runs on over a reset', async () => {
      const made = await run(
        `
import time, machine
print("now", time.gmtime()[:3], machine.RTC().datetime()[0])
if machine.reset_cause() == machine.PWRON_RESET:
    machine.RTC().datetime((2031, 5, 6, 0, 7, 8, 9, 0))
    machine.reset()`,
        { clock: 'unset' },
      );
      const now = made.lines.filter((line) => line.startsWith('now'));
      assert.deepEqual(now, ['now (2000, 1, 1) 2000', 'now (2031, 5, 6) 2031']);
    });
  });

  it('joins the access point with its name and its password only, where it has them', async () => {
    const made = await run(
      `
import network, time
wlan = network.WLAN(network.STA_IF)
wlan.active(True)
for name, key in (("other", "secret"), ("shed", "wrong"), ("shed", "se cret")):
    wlan.connect(name, key)
    while wlan.status() == network.STAT_CONNECTING:
        time.sleep_ms(5)
    print(name, wlan.status(), wlan.isconnected())
    wlan.disconnect()`,
      { wifi: { ssid: 'shed', password: 'se cret' } },
    );
    assert.deepEqual(made.lines.slice(1, -1), [
      'other 201 False',
      'shed 202 False',
      'shed 1010 True',
    ]);
  });

  it('has timers that run while its program sleeps', async () => {
    const made = await run(`
import asyncio, machine, time
count = 0
def tick(timer):
    global count
    count += 1
timer = machine.Timer(-1, period=20, callback=tick)
time.sleep_ms(150)
print("asleep", count > 3)
async def wait():
    global count
    count = 0
    await asyncio.sleep_ms(150)
asyncio.run(wait())
print("waiting", count > 3)
timer.deinit()
machine.Timer(-1).init(mode=machine.Timer.ONE_SHOT, period=20, callback=lambda t: print("once"))
count = 0
time.sleep_ms(100)
print("over", count)`);
    assert.deepEqual(made.lines.slice(1, -1), ['asleep True', 'waiting True', 'once', 'over 0']);
  });

  it('can be an RP2, which has less to remember', async () => {
    const made = await run(
      `
import machine
print(machine.reset_cause() == machine.WDT_RESET, hasattr(machine, "HARD_RESET"))
try:
    import esp32
except ImportError:
    print("no esp32", hasattr(machine.RTC(), "memory"))
try:
    machine.WDT(timeout=8389)
except ValueError:
    print("too long")
if machine.reset_cause() == machine.PWRON_RESET:
    machine.reset()`,
      { chip: 'rp2' },
    );
    const said = ['no esp32 False', 'too long'];
    assert.deepEqual(made.lines.slice(1, -1), [
      'False False',
      ...said,
      '[reset: HARD]',
      'True False',
      ...said,
    ]);
  });

  it('has vital signs: its temperature, its address, and how well it hears', async () => {
    const made = await run(`
import esp32, network, time
print(esp32.raw_temperature(), hasattr(esp32, "mcu_temperature"))
wlan = network.WLAN(network.STA_IF)
try:
    wlan.status("rssi")
except OSError as e:
    print(e)
wlan.active(True)
wlan.connect("virtual", "virtual")
while not wlan.isconnected():
    time.sleep_ms(5)
print(wlan.status("rssi"), wlan.ifconfig()[0], wlan.ipconfig("addr4"))`);
    assert.deepEqual(made.lines.slice(1, -1), [
      '128 False',
      'Wifi Not Connected',
      "-55 192.168.4.2 ('192.168.4.2', '255.255.255.0')",
    ]);
  });

  it('shows its pins', async () => {
    const made = board('import machine\nled = machine.Pin(2, machine.Pin.OUT)\nled.on()');
    const changed = once(made, 'pin');
    await made.start();
    assert.deepEqual(await changed, [2, 1]);
  });
}
