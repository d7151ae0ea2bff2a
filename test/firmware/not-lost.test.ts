import assert from 'node:assert/strict';
import { CrashHost } from '../support/crash-host';

const PREFIX = 'not/lost';

/** A module that does this at each start, once there is a file /go. */
const own = (body: string) =>
  `import os\ndef start(mqtt, config):\n  if "go" in os.listdir("/"):\n    ${body.replaceAll('\n', '\n    ')}`;

describe('A board in the field', () => {
  let host: CrashHost;

  afterEach(() => host.stop());

  for (const [title, body, why] of [
    [
      'leaves by sys.exit() in a task',
      'import asyncio, sys\nasync def f(): sys.exit()\nasyncio.create_task(f())',
      'a crash',
    ],
    [
      'resets it, with a note',
      'import crash\ncrash.reset("no sensor")',
      'a reset before it was reached',
    ],
  ] as const) {
    it(`is in safe mode when its application ${title} as soon as it starts`, async () => {
      host = await CrashHost.start(PREFIX, {
        files: { 'lib/own.py': own(body) },
        config: 'own = {}\nmodules.append("own")',
      });
      const info = await host.dies(
        'open("/go", "w").close()\nimport crash\ncrash.reset("go")',
        50_000,
      );
      assert.equal(info.mode, 'safe');
      assert.equal(info.why, `3 boots ended badly, the last one by ${why}`);
    });
  }

  it('has a state that can be read, and a watchdog, whatever numbers it was given', async () => {
    const many = 'watchdog = {"timeout": 1e30, "lost": 1e300}\nupdate = {"boots": float("inf")}';
    host = await CrashHost.start(PREFIX, {
      config: `${many}\nsafe = {"pin": object(), "tries": float("inf"), "minutes": 0}`,
    });
    const cfg = `import boot_state\nwhile sys.modules["watchdog"].since is None: await asyncio.sleep_ms(50)\nprint(sorted(boot_state.load()["cfg"].items()))`;
    assert.equal(
      await host.eval(cfg),
      "[('boots', 2592000), ('pin', None), ('tries', 2592000), ('wdt', 86400)]\n",
    );
    assert.match(
      host.board.lines.join('\n'),
      /E .* watchdog: safe\.pin: expected the pin's number/,
    );
  });

  /** A board with a safe copy, which was never reached since its start. */
  async function unreached(): Promise<void> {
    host = await CrashHost.start(PREFIX, { config: 'update = {"confirm": 1}' });
    const copied = 'from releases.safe_copy import _PACK, kind\nwhile not kind(_PACK): ';
    await host.eval(`${copied}await asyncio.sleep_ms(50)`);
    await host.eval(
      'w = sys.modules["watchdog"]\nw.since = None\nw.returned = lambda: None\nw._heard = 0\nw._judging = False',
    );
  }

  it('makes way for what was proved when it is not reached with what was not', async () => {
    await unreached();
    const broken = `with open("/board_config.py", "a") as f: f.write("# changed")
class Nobody: client = None
w.mqtt = Nobody
w.options["lost"] = 1`;
    const safe = await host.dies(broken, 30_000);
    assert.deepEqual(
      [safe.mode, safe.why],
      ['safe', 'nothing was reached for 1 s, and this is not what was proved'],
    );
    assert.equal(
      await host.eval('sys.modules["board_config"].__file__'),
      "'/safe/board_config.py'",
    );
    const back = await host.dies('import crash\ncrash.reset("again")');
    assert.deepEqual([back.mode, back.why], ['normal', undefined]);
  });

  it('goes on with what was proved however long it is not reached', async () => {
    await unreached();
    const info = await host.dies('w.options["lost"] = 1', 30_000);
    assert.deepEqual([info.mode, info.reset], ['normal', 'intended']);
    assert.equal(
      await host.eval('import boot_state\nprint(boot_state.load().get("bad"))'),
      'None\n',
    );
  });

  it('tries the other configuration in safe mode also where a normal one is never left', async () => {
    const config = 'watchdog = {"timeout": 10, "lost": 0}\nsafe = {"minutes": 0.1}';
    host = await CrashHost.start(PREFIX, { config });
    assert.equal(await host.eval('sys.modules["watchdog"].options["lost"]'), '0');
    await host.files.value('reset', { how: 'safe' });
    await host.boots();
    assert.equal(await host.eval('sys.modules["watchdog"].options["lost"]'), '10.0');
  });

  it('is not brought out of safe mode by a setting that is kept and says normal', async () => {
    host = await CrashHost.start(PREFIX);
    const { client } = host.files.raw;
    const normal = () =>
      client.publishAsync(`${PREFIX}/mqb/set/mode`, '{"mode": "normal"}', { retain: true, qos: 1 });
    await normal();
    const safe = await host.dies(
      'import boot_state, crash\nboot_state.change(bad=3)\ncrash.reset("as after three bad boots")',
    );
    assert.equal(safe.mode, 'safe');
    await host.eval('await asyncio.sleep(1.2)');
    await normal();
    assert.equal((await host.boots()).mode, 'normal');
  });

  it('opens NVS once: what that takes is never given back', async () => {
    host = await CrashHost.start(PREFIX);
    const same = `from crash import alive
import crash
first = alive.space
crash.occasional("ending").save()
print(first is not None and first is alive.space)`;
    assert.equal(await host.eval(same), 'True\n');
  });
});
