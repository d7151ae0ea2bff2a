import assert from 'node:assert/strict';
import type { Broker } from '../../demo/broker';
import { VirtualBoard } from '../../simulator/index';
import { Workbench } from '../core/support';
import { type Finished, LiveRun, mqboard } from './support';

const SHED = 'cli/shed';
const CRASH = `
import asyncio

async def heating():
    raise ValueError("too hot")

asyncio.create_task(heating())
`;

describe('mqboard with a board that keeps its log and its crashes', function () {
  this.timeout(60_000);
  const bench = new Workbench();
  let broker: Broker;
  let board: VirtualBoard;

  before(async () => {
    broker = await bench.broker();
    board = bench.keep(new VirtualBoard({ url: broker.url, prefix: SHED }), (one) => one.stop());
    await board.start();
    await board.waitForLine(/ready for commands/);
  });
  after(() => bench.clear());

  const run = (...args: string[]): Promise<Finished> =>
    mqboard(args, { MQBOARD_SERVER: broker.url }).finished;

  /** Runs what has to succeed without a word of complaint. */
  async function good(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await run(...args);
    assert.deepEqual([code, stderr], [0, ''], `${args.join(' ')}: ${stdout}`);
    return stdout;
  }

  async function live(...args: string[]): Promise<LiveRun> {
    const options = { MQBOARD_SERVER: broker.url };
    return bench.keep(new LiveRun(args, options), (one) => one.stop());
  }

  /** Off, and the broker knows: by itself it would notice only when the keep-alive is over. */
  async function cutPower(): Promise<void> {
    await board.powerCut();
    broker.dropConnections();
  }

  describe('view --since-boot', () => {
    it('shows what was said since the boot, and then no line twice', async () => {
      await good('eval', '--prefix', SHED, 'log.info("line 1"); log.info("line 2")');
      const view = await live('view', SHED, '--since-boot');
      await view.shows(/line 2/);
      await good('eval', '--prefix', SHED, 'log.info("line 3"); log.info("line 4")');
      await view.shows(/line 4/);
      await view.stop();
      const said = view.lines.map((line) => line.replace(/^.*?: /, ''));
      assert.match(said[1] ?? '', /^MicroPython/);
      const lines = said.filter((text) => text.startsWith('line'));
      assert.deepEqual(lines, ['line 1', 'line 2', 'line 3', 'line 4']);
    });

    it('does so for a board that comes back later', async () => {
      await cutPower();
      const view = await live('view', SHED, '--since-boot');
      await view.shows(/offline/);
      await board.start();
      await view.shows(/ready for commands/);
      await view.stop();
      const said = view.lines.map((line) => line.replace(/^.*?: /, ''));
      const starts = said.filter((text) => /^MicroPython/.test(text));
      assert.equal(starts.length, 1);
      assert.equal(new Set(said).size, said.length);
    });
  });

  describe('crashes', () => {
    const id = async () => JSON.parse(await good('crashes', SHED, '--json')).id;

    it('says so while there is none', async () => {
      const { code, stdout, stderr } = await run('crashes');
      assert.deepEqual([code, stdout, stderr], [0, '', 'mqboard: no crash is kept\n']);
    });

    it('lists what a board keeps, and fetches the report by number or id', async () => {
      const view = await live('view', SHED);
      await view.shows(/online/);
      await good('eval', '--prefix', SHED, CRASH);
      await view.shows(/crash .*: ValueError: too hot \(task\)/);
      const [heading, row] = (await good('crashes')).split('\n');
      assert.match(heading ?? '', /^BOARD +N +ID +WHEN +WHERE +WHAT$/);
      assert.match(row ?? '', /^cli\/shed +1 +\w+\.1 +\d{4}-.* +task +ValueError: too hot$/);
      for (const which of ['1', await id()]) {
        const report = await good('crashes', SHED, '--fetch', which);
        assert.match(report, /^what +ValueError: too hot \(task\)$/m);
        assert.match(
          report,
          /^Traceback[\s\S]*, in heating\nValueError: too hot\n\nThe last lines/m,
        );
        assert.match(report, /^I \d\d:\d\d:\d\d\.\d{3} {5}main: MicroPython/m);
      }
      const { exception } = JSON.parse(await good('crashes', SHED, '--fetch', '1', '--json'));
      assert.equal(exception.frames.at(-1).function, 'heating');
    });

    it('ends with 5 when there is no such crash', async () => {
      const { code, stderr } = await run('crashes', SHED, '--fetch', '9');
      assert.equal(code, 5);
      assert.match(stderr, /cli\/shed keeps no crash 9\. mqboard crashes cli\/shed lists/);
    });

    it('shows what waits at the broker while the board is offline, and says so', async () => {
      const view = await live('view', SHED);
      await view.shows(/online/);
      await cutPower();
      await view.shows(/offline/);
      const named = await run('crashes', SHED);
      assert.equal(named.code, 4);
      assert.match(named.stdout, /ValueError: too hot/);
      assert.match(named.stderr, /is offline: what it keeps can be read when it is back\. The/);
      assert.equal((await run('crashes')).code, 0);
      const fetched = await run('crashes', SHED, '--fetch', '1');
      assert.deepEqual([fetched.code, fetched.stderr], [0, '']);
      assert.match(fetched.stdout, /^Traceback/m);
      assert.equal((await run('crashes', SHED, '--fetch', '1', '--seen')).code, 4);
      await board.start();
      await view.shows(/offline[\s\S]*online/);
    });

    it('tells the board that a host has seen them, so that none waits', async () => {
      assert.doesNotMatch(await good('crashes', SHED), /seen/);
      await good('crashes', SHED, '--seen');
      assert.match(await good('crashes', SHED), /seen$/m);
      const [, row] = (await good('boards')).split('\n');
      assert.match(row ?? '', /-$/);
    });
  });

  describe('set', () => {
    const DEBUG = { mqtt: { '*': 'debug' } };
    const levels = async (...args: string[]) =>
      JSON.parse(await good('set', SHED, 'log', ...args)).mqtt['*'];

    it('shows and changes what is logged, and goes back to the configuration', async () => {
      assert.equal(await levels(), 'info');
      assert.equal(await levels(JSON.stringify(DEBUG)), 'debug');
      assert.equal(await levels(), 'debug');
      assert.equal(await levels('null'), 'info');
    });

    it('finds the board in the environment, and gives JSON', async () => {
      const env = { MQBOARD_SERVER: broker.url, MQBOARD_PREFIX: SHED };
      const { stdout } = await mqboard(['set', 'log', '--json'], env).finished;
      const { ok, board: name, what, setting, kept } = JSON.parse(stdout);
      assert.deepEqual([ok, name, what, kept], [true, SHED, 'log', false]);
      assert.equal(setting.mqtt['*'], 'info');
    });

    it('keeps a setting over a restart, also one of a board that is offline', async () => {
      const view = await live('view', SHED);
      await view.shows(/online/);
      await cutPower();
      await view.shows(/offline/);
      const left = await run('set', SHED, 'log', JSON.stringify(DEBUG), '--keep');
      assert.equal(left.code, 0);
      assert.match(left.stderr, /offline; it takes the setting when it connects/);
      await board.start();
      await view.shows(/ready for commands/);
      assert.equal(await levels(), 'debug');
      assert.equal(await levels('null', '--keep'), 'info');
      await cutPower();
      await view.shows(/offline[\s\S]*offline/);
      await board.start();
      await view.shows(/ready for commands[\s\S]*ready for commands/);
      assert.equal(await levels(), 'info');
    });

    it('keeps nothing that the board does not understand', async () => {
      const { code, stderr } = await run('set', SHED, 'log', '{"mqtt": {"*": "loud"}}', '--keep');
      assert.equal(code, 5);
      assert.match(stderr, /log: .*expected debug/);
      assert.equal(await levels(), 'info');
    });

    it('takes a schedule to sleep by, and none that cannot be', async () => {
      const wake = async (...args: string[]) =>
        JSON.parse(await good('set', SHED, 'wake', ...args));
      assert.deepEqual(await wake('{"every": 900}'), { every: 900, awake: 60 });
      const { code, stderr } = await run('set', SHED, 'wake', '{"every": "often"}', '--keep');
      assert.equal(code, 5);
      assert.match(stderr, /every: expected 0 to 604800 seconds/);
      assert.deepEqual(await wake('null'), { every: 0, awake: 60 });
    });

    const broken: Array<[string, string[], RegExp]> = [
      ['no such setting', ['set', SHED, 'colour'], /One of log, sysinfo, wake/],
      ['no JSON', ['set', SHED, 'log', 'debug'], /debug is no setting/],
      ['a list', ['set', SHED, 'log', '[]'], /\[\] is no setting/],
      ['nothing to keep', ['set', SHED, 'log', '--keep'], /What shall be kept/],
      ['no board', ['set', 'log'], /prefix is missing/],
    ];
    for (const [what, args, words] of broken) {
      it(`ends with 2 and a sentence when there is ${what}`, async () => {
        const { code, stderr } = await run(...args);
        assert.equal(code, 2);
        assert.match(stderr, words);
      });
    }
  });
});
