import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CrashHost, type Said } from '../support/crash-host';

const OLD = 'def start(mqtt, config): print("OWN old")';
const NEW = 'def start(mqtt, config): print("OWN new")\n';

describe('A trial', () => {
  let host: CrashHost;

  afterEach(() => host.stop());

  /** A board on trial with a module of its own, of which this is the new source: its birth message. */
  async function onTrial(source: string, update = '{"confirm": 1}'): Promise<Said> {
    host = await CrashHost.start('trial', {
      config: `update = ${update}\nown = {}\nmodules.append("own")`,
      files: {
        'lib/own.py': OLD,
        'release/app/plan': 'r 0 /lib/own.py\n',
        'release/app/new/0': source,
      },
    });
    await host.eval(`import boot_state
boot_state.save({"trial": {"id": "i1", "what": "app", "version": "2", "step": "swap", "go": "forward"}})`);
    return host.dies('import crash; crash.reset("to try it")');
  }

  /** The next birth message that has another `update.state`. */
  async function verdict(): Promise<Said> {
    for (;;) {
      const { payload } = await host.files.raw.message(
        ({ topic }) => topic.endsWith('/mqb/info'),
        20_000,
      );
      const info = JSON.parse(payload.toString());
      if (info.update?.state !== 'trial') return info;
    }
  }

  const owns = () =>
    host.board.lines.filter((line) => line.startsWith('OWN')).map((l) => l.slice(4));

  it('is confirmed when the board was reached through the broker for some time', async () => {
    const info = await onTrial(NEW);
    const update = { id: 'i1', what: 'app', version: '2' };
    assert.deepEqual([info.mode, info.update], ['trial', { ...update, state: 'trial' }]);
    const confirmed = await verdict();
    assert.deepEqual(
      [confirmed.mode, confirmed.update, confirmed.boot],
      ['normal', { ...update, state: 'confirmed' }, info.boot],
    );
    await host.files.hello();
    const again = await host.dies('import crash; crash.reset("again")');
    assert.deepEqual([again.mode, again.update], ['normal', confirmed.update]);
    assert.deepEqual(owns(), ['old', 'new', 'new']);
  });

  for (const [title, source, why] of [
    ['says no', 'def healthy(): return False', /^own says that it is not healthy$/],
    ['raises', 'async def healthy(): 1/0', /^the check of own failed: ZeroDivisionError/],
    ['does not decide', 'def healthy(): pass', /^it was not confirmed within 0.1 minutes$/],
  ] as const) {
    it(`is undone where the application's own check ${title}`, async () => {
      await onTrial(NEW + source, '{"confirm": 1, "minutes": 0.1}');
      const { mode, update, reset } = await verdict();
      const { state, why: said } = update as Record<string, string>;
      assert.deepEqual([mode, state, reset], ['normal', 'undone', 'intended']);
      assert.match(said ?? '', why);
      assert.deepEqual(owns(), ['old', 'new', 'old']);
    });
  }

  it("waits until the application's own check agrees", async () => {
    await onTrial(
      `${NEW}asked = 0\ndef healthy():\n  global asked\n  asked += 1\n  return True if asked > 1 else None`,
    );
    assert.equal(((await verdict()).update as { state: string }).state, 'confirmed');
    assert.equal(await host.eval('sys.modules["own"].asked'), '2');
  });

  for (const [title, source] of [
    ['does not start', 'def start(mqtt, config): raise ValueError("new")'],
    [
      'crashes later',
      'import asyncio\nasync def later():\n  await asyncio.sleep(2)\n  raise ValueError("new")\ndef start(mqtt, config): asyncio.create_task(later())',
    ],
  ] as const) {
    it(`is undone at once where the new code ${title}, and names the report`, async () => {
      await onTrial(source, '{"confirm": 30}');
      const { update } = await verdict();
      const { state, why, crash } = update as Record<string, string>;
      assert.deepEqual([state, why], ['undone', 'it crashed']);
      await host.files.hello();
      const report = (await host.list()).find(({ id }) => id === crash);
      assert.equal(report?.text, 'ValueError: new');
      assert.deepEqual(owns(), ['old', 'old']);
    });
  }

  it('is undone where the new code holds the board until the watchdog bites, with the report', async () => {
    await onTrial(
      'import machine\ndef start(mqtt, config):\n  machine.WDT(timeout=300)\n  while True: pass',
    ).catch(() => undefined); // it never says that it is on trial
    await host.files.hello();
    const info = JSON.parse(
      await host.eval('import json\nprint(json.dumps(sys.modules["presence"].present._facts))'),
    );
    const { state, why, crash } = info.update;
    assert.deepEqual([state, why], ['undone', 'it ended by a hang']);
    assert.equal((await host.list()).find(({ id }) => id === crash)?.kind, 'hang');
  });

  it('is undone where the framework itself does not start', async () => {
    host = await CrashHost.start('trial', {
      files: {
        'main.py':
          'from micropython import const\n_PAUSE = const(0)\nexec(open("/real.py").read().replace("const(30)", "0"))',
        'real.py': readFileSync(join(__dirname, '../../firmware/main.py')),
        'release/framework/plan': 'r 0 /lib/startup.py\n',
        'release/framework/new/0': 'x = = 1',
      },
    });
    await host.eval(`import boot_state
boot_state.save({"trial": {"id": "i1", "what": "framework", "version": "2", "step": "swap", "go": "forward"}})`);
    const info = await host.dies('import crash; crash.reset("to try it")');
    const { state, why } = info.update as Record<string, string>;
    assert.deepEqual([info.mode, state], ['normal', 'undone']);
    assert.match(why ?? '', /^it ended by a crash: SyntaxError/);
  });
});

it('A configuration that leads nowhere is undone, because the board was not reached', async () => {
  const host = await CrashHost.start('trial', { config: 'update = {"minutes": 0.1}' });
  try {
    await host.eval(`import os, boot_state
os.mkdir("/release"); os.mkdir("/release/config"); os.mkdir("/release/config/new")
with open("/board_config.py") as f: text = f.read()
with open("/release/config/new/0", "w") as f: f.write(text.replace('"port": ', '"port": 1, "x": '))
with open("/release/config/plan", "w") as f: f.write("r 0 /board_config.py\\n")
boot_state.save({"trial": {"id": "c", "what": "config", "version": "2", "step": "swap", "go": "forward"}})`);
    host.files.begin('eval', {}, Buffer.from('import crash; crash.reset("to try it")'));
    const { payload } = await host.files.raw.message(
      ({ topic, payload: said }) => topic.endsWith('/info') && /undone/.test(said.toString()),
      40_000,
    );
    assert.equal(
      JSON.parse(payload.toString()).update.why,
      'it was not confirmed within 0.1 minutes: not reached through the broker',
    );
  } finally {
    await host.stop();
  }
});
