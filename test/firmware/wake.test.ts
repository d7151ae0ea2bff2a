import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Board, BoardRefusedError, Rollout } from '../../core/index';
import { VirtualBoard, type VirtualBoardOptions } from '../../simulator';
import { Workbench } from '../core/support';
import { CrashHost } from '../support/crash-host';
import { Host, ovenRelease } from '../support/oven-fleet';
import type { Message } from '../support/raw-host';
import { boardAt, stageOf, started } from '../support/stage';

const PREFIX = 'wake/board';
/** With a safe copy no boot is waited for to be proved. */
const PROVED = { 'safemode/pack': '' };
const SCHEDULE = 'wake = {"every": 0.5, "awake": 1}\nmodules.append("wake")';

describe('A board that sleeps', () => {
  const bench = new Workbench();
  let host: CrashHost;

  afterEach(() => bench.clear());

  async function start(config: string, options: Partial<VirtualBoardOptions> = {}): Promise<void> {
    host = await CrashHost.start(PREFIX, { config, files: PROVED, ...options });
    bench.keep(host, () => host.stop());
  }

  const retain = (setting: object | null) =>
    host.files.raw.client.publishAsync(
      `${PREFIX}/mqb/set/wake`,
      setting ? JSON.stringify(setting) : '',
      { qos: 1, retain: true },
    );
  const slept = () => host.board.lines.filter((line) => line === '[deep sleep]').length;
  const said = (wanted: (info: Record<string, unknown>) => boolean) => {
    const isWanted = ({ topic, payload }: Message) =>
      topic.endsWith('/mqb/info') && wanted(JSON.parse(payload.toString()));
    return host.files.raw.message(isWanted);
  };

  it('wakes as after a good boot, and hears then that it shall stay awake, however short it is', async () => {
    await start(`${SCHEDULE}\nsafe = {"tries": 1}`);
    await host.files.raw.message(({ payload }) => payload.toString() === 'offline');
    await retain({ every: 0 });
    const { reset, cause, wake, mode } = await host.boots();
    assert.deepEqual([reset, cause, mode], ['sleep', 'DEEPSLEEP', 'normal']);
    assert.deepEqual(wake, { every: 0, awake: 1 });
    assert.equal(slept(), 1);
  });

  it('says itself that it goes offline, once its log is acknowledged', async () => {
    await start(`wake = {"every": 900, "awake": 1}\nmodules.append("wake")
import machine
machine.deepsleep = lambda ms: print("SLEEP", ms)`);
    const heard: string[] = [];
    host.files.raw.client.on('message', (topic, payload) => {
      if (/log$|status$/.test(topic)) heard.push(payload.toString().replace(/^.*: /, ''));
    });
    await host.board.waitForLine(/^SLEEP 900000$/);
    assert.deepEqual(heard.slice(-2), ['sleeps for 900 s', 'offline']);
    assert.equal(host.board.lines.filter((line) => /SLEEP/.test(line)).length, 1);
  });

  it('waits for a command that runs, though not for one that never ends', async () => {
    await start(`${SCHEDULE}\n__import__("wake").patience = 4`);
    assert.equal(await host.eval('await asyncio.sleep(3.5) or "through"'), "'through'");
    assert.equal(slept(), 0);
    host.files.begin('eval', {}, Buffer.from('await asyncio.sleep(600)'));
    await host.boots();
    assert.equal(slept(), 1);
  });

  it('sleeps without a broker, too', async () => {
    const board = new VirtualBoard({
      url: 'mqtt://127.0.0.1:1',
      prefix: PREFIX,
      config: `${SCHEDULE}\n__import__("wake").alone = 1`,
      files: PROVED,
    });
    bench.keep(board, () => board.stop());
    await board.start();
    await board.waitForLine(/sleeps for 0.5 s, not reached/);
    await board.waitForLine(/reset: DEEPSLEEP/);
  });

  it('takes the schedule as a setting, also where its configuration has none', async () => {
    await start('update = {"confirm": 600}');
    const value = (head: object) => host.files.value('set', { what: 'wake', ...head });
    assert.deepEqual(await value({}), { every: 0, awake: 60 });
    await retain({ every: 0.5, awake: 1 });
    await said(({ wake }) => (wake as { every: number })?.every === 0.5);
    await host.boots();
    assert.deepEqual(await value({ to: { every: 0 } }), { every: 0, awake: 60 });
    await retain(null);
    await said(({ wake }) => (wake as { every: number })?.every === 0);
    assert.equal(slept(), 1);
  });

  it('does not sleep before it has its first safe copy', async () => {
    await start(`${SCHEDULE}\nupdate = {"confirm": 3}`, { files: {} });
    await host.board.waitForLine(/the safe copy is of version/);
    assert.equal(slept(), 0);
  });

  it('says what is wrong with a schedule, and stays awake', async () => {
    await start('wake = {"every": -1}\nmodules.append("wake")');
    const connection = await bench.connected(host.files.raw.broker.url);
    const board = bench.keep(new Board(connection, PREFIX), (kept) => kept.close());
    const refused = (to: object, pattern: RegExp) =>
      assert.rejects(board.set('wake', to), (error) => {
        assert.ok(error instanceof BoardRefusedError);
        assert.match(error.message, pattern);
        return true;
      });
    await refused({ every: 'often' }, /every: expected 0 to 604800 seconds, not 'often'/);
    await refused({ every: 9, awake: 0 }, /awake: expected 1 to 604800 seconds, not 0/);
    await refused([], /expected \{"every": 900, "awake": 60\}/);
    await host.eval('import machine\ndel machine.deepsleep');
    await refused({ every: 9 }, /no machine.deepsleep/);
    assert.deepEqual(await board.set('wake'), { every: 0, awake: 60 });
    assert.ok(host.board.lines.some((line) => /wake: this board stays awake: every/.test(line)));
  });

  it('does not sleep where the watchdog of the chip would bite, only without it', async () => {
    await start(`${SCHEDULE}\nwatchdog = {"timeout": 0}`, { chip: 'rp2' });
    const [line] = host.board.lines.filter((found) => /stays awake/.test(found));
    assert.match(line ?? '', /set its timeout to 0 first/);
    await host.dies('import crash; crash.reset("without a dog")');
    const { reset, reason, mode } = await host.boots();
    assert.deepEqual([reset, reason, mode], ['intended', 'sleeps for 0.5 s', 'normal']);
  });

  it('is reached by a roll-out that waits for it, and has confirmed it before it sleeps again', async () => {
    const stage = await stageOf('aedes', bench);
    const board = boardAt(stage, bench, {
      prefix: 'ovens/0',
      runtime: 'wasm',
      config: 'wake = {"every": 1, "awake": 1}\nmodules.append("wake")\nupdate = {"confirm": 3}',
      files: PROVED,
    });
    await started(board);
    const { fleet } = await Host.start(stage, bench, 1);
    while (fleet.boards()[0]?.online !== false) await once(fleet, 'change');
    const content = { release: await ovenRelease('1', 'harmless') };
    const plan = { id: 'w', content, targets: ['0'], wake: true, deadlineMs: 60_000 };
    const rollout = bench.keep(new Rollout(plan, fleet.site()), (kept) => kept.close());
    const { state, results } = await rollout.start().done;
    assert.deepEqual([state, results[0]?.outcome], ['done', 'updated']);
    const confirmed = board.lines.findIndex((line) => /app 1 is confirmed/.test(line));
    const starts = board.lines.slice(0, confirmed).filter((line) => /reset: /.test(line));
    assert.match(starts.at(-1) ?? '', /HARD/);
  }).timeout(60_000);
});
