import assert from 'node:assert/strict';
import { CrashHost } from '../support/crash-host';
import { safePack } from '../support/safe-pack';

const PREFIX = 'safe';

/** The configuration that was confirmed: with a module of the user's. */
const config = (port: number, more = '') => `
location = "shed"
mqtt = {"server": "127.0.0.1", "port": ${port}, "ssid": "virtual", "wifi_pw": "virtual"}
mqrepl = {"prefix": "${PREFIX}/mqb/"}
logging = {"topic": "${PREFIX}/log"}
sysinfo = {}
own = {}
modules = ["mqtt", "logging", "mqrepl", "own", "sysinfo"]
${more}
`;
const OWN = 'print("OWN")\ndef start(mqtt, config): pass';

describe('Safe mode', () => {
  let host: CrashHost;

  afterEach(() => host.stop());

  it('is a reset away, and so is the way back', async () => {
    host = await CrashHost.start(PREFIX, {
      files: { 'lib/own.py': OWN },
      config: 'own = {}\nmodules.append("own")',
    });
    await host.board.waitForLine(/OWN/);
    assert.deepEqual(await host.files.value('reset', { how: 'safe', why: 'to look at it' }), {});
    const safe = await host.boots();
    assert.deepEqual(
      [safe.mode, safe.why, safe.reset, safe.reason],
      ['safe', 'to look at it', 'intended', 'to look at it'],
    );
    assert.equal(host.board.lines.filter((line) => line === 'OWN').length, 1);
    assert.equal(await host.eval('import __main__\nprint(__main__.safemode)'), 'True\n');
    await host.files.value('reset', { how: 'soft', why: 'again' });
    assert.equal((await host.boots()).mode, 'safe');
    await host.files.value('reset', { how: 'normal' });
    const back = await host.boots();
    assert.deepEqual([back.mode, back.why, back.reset], ['normal', undefined, 'intended']);
    assert.equal(host.board.lines.filter((line) => line === 'OWN').length, 2);
  });

  it('refuses a reset of a kind that it does not know', async () => {
    host = await CrashHost.start(PREFIX);
    assert.equal(await host.files.failure('reset', { how: 'gently' }), 'bad');
  });

  it('that is held lets an update be proved in between', async () => {
    host = await CrashHost.start(PREFIX, {
      config: 'update = {"confirm": 1}\nown = {}\nmodules.append("own")',
      files: {
        'lib/own.py': OWN,
        'release/app/plan': 'r 0 /lib/own.py\n',
        'release/app/new/0': OWN.replace('OWN', 'NEW'),
      },
    });
    const topic = `${PREFIX}/mqb/set/mode`;
    await host.files.raw.client.publishAsync(topic, '{"mode": "safe"}', { retain: true, qos: 1 });
    assert.equal((await host.boots()).mode, 'safe');
    const trial = await host.dies(`import boot_state, crash
state = boot_state.load()
del state["safe"]
state["trial"] = {"id": "i1", "what": "app", "version": "2", "step": "swap", "go": "forward"}
boot_state.save(state)
crash.reset("to try it", True)`);
    assert.equal(trial.mode, 'trial');
    const { mode, update } = await host.boots(20_000);
    assert.deepEqual([mode, (update as { state: string }).state], ['safe', 'confirmed']);
    assert.ok(host.board.lines.includes('NEW'));
  });

  it('is held by a retained setting, and left when that is cleared', async () => {
    host = await CrashHost.start(PREFIX);
    const { client } = host.files.raw;
    const topic = `${PREFIX}/mqb/set/mode`;
    await client.publishAsync(topic, '{"mode": "safe"}', { retain: true, qos: 1 });
    const safe = await host.boots();
    assert.deepEqual([safe.mode, safe.why], ['safe', 'the setting mode says so']);
    assert.equal(await host.eval('sys.modules["watchdog"].held'), 'True');
    await host.files.value('reset', { how: 'normal' }); // and the setting says no
    for (const mode of ['normal', 'safe']) assert.equal((await host.boots()).mode, mode);
    assert.equal(await host.files.failure('set', { what: 'mode', to: null }), 'bad');
    await client.publishAsync(topic, '', { retain: true, qos: 1 });
    assert.equal((await host.boots()).mode, 'normal');
  });

  it('follows three boots that failed, and ends by itself after it was reached for long enough', async () => {
    host = await CrashHost.start(PREFIX, {
      config: 'safe = {"minutes": 0.1}',
    });
    for (let i = 0; i < 2; i++) assert.equal((await host.dies('machine.reset()')).mode, 'normal');
    const safe = await host.dies('machine.reset()');
    assert.deepEqual(
      [safe.mode, safe.why],
      ['safe', '3 boots ended badly, the last one by an unexplained reset'],
    );
    const back = await host.boots();
    assert.deepEqual([back.mode, back.reason], ['normal', 'out of safe mode, to try again']);
    const state = 'import __main__\nprint(__main__.state["bad"], __main__.state["rounds"])';
    assert.equal(await host.eval(state), '2 1\n');
    const again = await host.dies('machine.reset()'); // one more is enough
    assert.equal(again.mode, 'safe');
    assert.equal(await host.eval('sys.modules["watchdog"].options["home"]'), '12');
  });

  it('runs the safe copy with its configuration, whatever lies on the flash', async () => {
    const raw = { 'lib/mqtt.py': 'x = = 1', 'board_config.py': 'import broken', 'main.py': '1/0' };
    host = await CrashHost.start(PREFIX);
    const pack = safePack({
      '/board_config.py': config(host.files.raw.broker.port),
      '/lib/own.py': OWN,
      '/ca.pem': 'x',
    });
    const { kind } = await host.files.put('/safemode/pack', pack, { head: { parents: true } });
    assert.equal(kind, 'v');
    for (const [path, text] of Object.entries(raw))
      await host.files.put(`/${path}`, Buffer.from(text));
    await host.files.value('reset', { how: 'safe', why: 'all is broken' });
    const safe = await host.boots();
    assert.deepEqual([safe.mode, safe.safe], ['safe', '0.1.0']);
    const of = await host.eval(
      '[sys.modules["mqtt"].__file__, sys.modules["board_config"].__file__, board.modules]',
    );
    assert.match(of, /'\/safe\/lib\/mqtt.py', '\/safe\/board_config.py', \[.*'sysinfo'.*\]/);
    assert.doesNotMatch(of, /own/);
    assert.ok(!host.board.lines.includes('OWN'));
    await everyCommand();
  });

  /** Each command of the board, in the least that it can do. */
  async function everyCommand(): Promise<void> {
    const data = Buffer.from('mended');
    assert.equal((await host.files.put('/x/new.py', data, { head: { parents: true } })).kind, 'v');
    assert.equal((await host.files.get('/x/new.py')).data.toString(), 'mended');
    assert.equal((await host.files.value('list', { path: '/x' })).entries, 1);
    await host.files.value('rename', { path: '/x/new.py', to: '/x/b.py' });
    assert.equal((await host.files.value('hash', { path: '/x/b.py' })).size, data.length);
    assert.equal((await host.files.value('stat', { path: '/x/b.py' })).type, 'file');
    await host.files.value('mkdir', { path: '/x/y' });
    assert.equal((await host.files.value('remove', { path: '/x', what: 'all' })).removed, 3);
    assert.ok((await host.files.value('set', { what: 'log' })).mqtt);
    assert.ok((await host.files.value('log', { level: 10 })).said > 0);
    assert.deepEqual(await host.list(), []);
    assert.ok((await host.files.value('release', { step: 'list' })).slots);
    assert.equal(await host.eval('1+1'), '2');
  }

  it('takes what is in /lib where there is no safe copy, or a spoilt one', async () => {
    host = await CrashHost.start(PREFIX, { files: { 'safemode/pack': 'MQbP1\n{}\n12 /lib/a' } });
    await host.files.value('reset', { how: 'safe' });
    const safe = await host.boots();
    assert.equal(safe.mode, 'safe');
    assert.equal(await host.eval('sys.modules["mqtt"].__file__'), "'/lib/mqtt.py'");
  });

  it('runs what is in /lib where the safe copy does not start', async () => {
    host = await CrashHost.start(PREFIX, {
      files: { 'safemode/pack': safePack({ '/lib/startup.py': 'x = = 1' }) },
    });
    await host.files.value('reset', { how: 'safe' });
    assert.equal((await host.boots()).mode, 'safe');
    assert.equal(await host.eval('sys.modules["startup"].__file__'), "'/lib/startup.py'");
  });
});
