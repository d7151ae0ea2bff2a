import assert from 'node:assert/strict';
import { coloured } from '../../cli/colours';
import type { Broker } from '../../demo/broker';
import { Workbench } from '../core/support';
import { LiveRun, mqboard, TalkingBoard } from './support';

const [SHED, BARN] = ['esp32/shed', 'esp32/barn'];
const TRACE =
  'Traceback (most recent call last):\n  File "heating.py", line 7, in run\nValueError: too hot\n';

describe('mqboard view', () => {
  const bench = new Workbench();
  let broker: Broker;
  let shed: TalkingBoard;

  beforeEach(async () => {
    broker = await bench.broker();
    shed = await TalkingBoard.start(bench, broker.url, SHED);
    await shed.status('online');
  });
  afterEach(() => bench.clear());

  /** Looks on, and waits until it sees that the shed is online. */
  async function view(args: string[], env: Record<string, string> = {}): Promise<LiveRun> {
    const server = { MQBOARD_SERVER: broker.url, ...env };
    const run = bench.keep(new LiveRun(['view', ...args], server), (live) => live.stop());
    await run.shows(/online/);
    return run;
  }

  it('shows lines as the original has them, and ends with 0 on Ctrl-C', async () => {
    const run = await view([SHED]);
    await shed.log('W 12:00:03.481#a4f.17     main: warm', 'I 812     main: early', 'no log line');
    await run.shows(/no log line/);
    const { code, stdout, stderr } = await run.stop();
    assert.deepEqual([code, stderr], [0, '']);
    const [online, ...lines] = stdout.split('\n');
    assert.match(online ?? '', /^\* \d\d:\d\d:\d\d\.\d{3} {2}mqboard: online$/);
    const said = ['W 12:00:03.481     main: warm', 'I 812     main: early', 'no log line', ''];
    assert.deepEqual(lines, said);
  });

  it('keeps the lines of a message together, and shows one that came twice once', async () => {
    const run = await view([SHED]);
    const first = 'E 12:00:09.020#a4f.1+     main: Traceback (most recent call last):';
    await shed.log(first, first, 'E 12:00:09.020#a4f.2     main: ValueError: no');
    await run.shows(/ValueError/);
    assert.deepEqual(run.lines.slice(1), [
      'E 12:00:09.020     main: Traceback (most recent call last):',
      'E 12:00:09.020     main: ValueError: no',
    ]);
  });

  it('tells what became of an update, and why the board is in safe mode', async () => {
    const about = { id: 'u', what: 'app', version: '8' };
    await shed.info({ boot: 7, mode: 'trial', update: { ...about, state: 'trial' } });
    const run = await view([SHED]);
    await shed.info({ boot: 7, mode: 'normal', update: { ...about, state: 'confirmed' } });
    await run.shows(/: updated: app 8$/m);
    const undone = { ...about, id: 'v', state: 'undone', why: 'a hang', crash: '7.1' };
    await shed.info({ boot: 8, mode: 'safe', why: 'three bad boots', update: undone });
    await run.shows(/: in safe mode: three bad boots$/m);
    await run.shows(/: undid app 8: a hang \(crash 7\.1\)$/m);
  });

  it('puts the name in a column where there can be several boards', async () => {
    const barn = await TalkingBoard.start(bench, broker.url, 'esp32/b');
    await barn.status('online');
    for (const args of [[], ['esp32/+'], [`${SHED},esp32/b`], ['--prefix', 'esp32/#']]) {
      const run = await view(args);
      await run.shows(/esp32\/b {4}\| \*.*online/);
      await run.shows(/esp32\/shed \| \*.*online/);
      await barn.log('I 12:00:00.000     main: here');
      await run.shows(/^esp32\/b {4}\| I 12:00:00\.000 {5}main: here$/m);
    }
  });

  it('colours by level only where it is wished for, or a terminal is there', async () => {
    const run = await view([SHED, '--color'], { NO_COLOR: '1' });
    await shed.log('E 12:00:00.000     main: no');
    await run.shows(/main: no/);
    assert.equal(run.lines[1], coloured('error', 'E 12:00:00.000     main: no'));
  });

  it('leaves out levels and loggers that are not wanted, and never what is missing', async () => {
    const run = await view([SHED, '--level', 'err', '--logger', 'main,mqtt']);
    await shed.log(
      'E 12:00:00.000#a4f.1     main: one',
      'W 12:00:00.000#a4f.2     main: two',
      'C 12:00:00.000#a4f.3    other: three',
      'W 12:00:01.000#a4f.7  logging: 4 lines lost',
      'C 12:00:02.000#a4f.10     mqtt: ten',
    );
    await run.shows(/ten/);
    const shown = run.lines.slice(1).map((line) => line.replace(/^(\S) \S+ +/, '$1 '));
    assert.deepEqual(
      shown.map((line) => line.slice(0, 26)),
      ['E main: one', 'W logging: 4 lines lost', 'W mqboard: 2 lines before ', 'C mqtt: ten'],
    );
  });

  it('shows that a board booted and why, and what was lost with the boot before', async () => {
    await shed.info({ boot: 1 });
    const run = await view([SHED]);
    await shed.status('offline');
    await run.shows(/offline/);
    const last = { boot: 1, said: 9, acked: 7 };
    await shed.info({ boot: 2, boots: 5, reset: 'intended', reason: 'new valve', last });
    await run.shows(/lost with the boot/);
    const [, , booted, lost] = run.lines;
    assert.match(booted ?? '', /mqboard: booted \(number 5\): it was told to \(new valve\)$/);
    assert.match(lost ?? '', /mqboard: 2 lines lost with the boot before$/);
  });

  it('shows a crash, with its traceback where the log may be lost, and leaves its report where it is', async () => {
    const run = await view([SHED]);
    const report = { id: '1c3a.1', kind: 'exception', where: 'task', restarted: true };
    await shed.crash({ ...report, trace: TRACE, time: 1_790_000_000 });
    await run.shows(/ValueError: too hot$/m);
    assert.match(run.lines[1] ?? '', /crash 1c3a\.1: ValueError: too hot \(task\), and the board/);
    assert.match(run.lines[3] ?? '', /mqboard: {3}File "heating\.py", line 7, in run$/);
    await shed.crash({ ...report, id: '1c3a.2', restarted: false, trace: TRACE });
    await run.shows(/crash 1c3a\.2: ValueError: too hot \(task\), 2 times by now\n$/);
    const later = await view([SHED]);
    await later.shows(/crash 1c3a\.1/);
  });

  it('writes an object a line with --json', async () => {
    const run = await view([SHED, '--json']);
    await shed.log('W 12:00:03.481#a4f.17~     main: warm');
    await run.shows(/warm/);
    const [online, log] = run.lines.map((line) => JSON.parse(line));
    assert.deepEqual([online.ok, online.type, online.event], [true, 'presence', 'online']);
    const { type, board, level, name, message, seq, boot, backlog } = log;
    assert.deepEqual(
      { type, board, level, name, message, seq, boot, backlog },
      {
        ...{ type: 'log', board: SHED, level: 30, name: 'main', message: 'warm' },
        ...{ seq: 17, boot: 'a4f', backlog: true },
      },
    );
  });

  it('says that the link broke, and what never came meanwhile', async () => {
    const run = await view([SHED]);
    await shed.log('I 12:00:00.000#a4f.1     main: one');
    await run.shows(/one/);
    broker.dropConnections();
    await run.shows(/connected again/, 'stderr');
    assert.match(run.stderr, /^mqboard: .*broke.* It is tried again\.$/m);
    await shed.log('I 12:00:09.000#a4f.4     main: four');
    await run.shows(/2 lines before this.*\nI 12:00:09\.000 {5}main: four/);
  });

  it('ends without a word when nobody reads it any more', async () => {
    const run = await view([SHED]);
    run.hangUp();
    const ended = run.finished;
    let over = false;
    void ended.then(() => {
      over = true;
    });
    while (!over) await shed.log('I 12:00:00.000     main: more');
    const { code, stderr } = await ended;
    assert.deepEqual([code, stderr], [0, '']);
  });

  it('says that nothing is known of a board, and shows it when it comes', async () => {
    const run = bench.keep(new LiveRun(['view', BARN], { MQBOARD_SERVER: broker.url }), (live) =>
      live.stop(),
    );
    await run.shows(/nothing is known of esp32\/barn yet/, 'stderr');
    const barn = await TalkingBoard.start(bench, broker.url, BARN);
    await barn.log('I 12:00:00.000     main: here');
    await run.shows(/main: here/);
  });

  const broken: Array<[string, string[], RegExp]> = [
    ['a level that is none', ['--level', 'loud'], /The level is "loud"\. It is one of debug,/],
    ['a filter that is none', ['a/#/b'], /#/],
  ];
  for (const [what, args, words] of broken) {
    it(`ends with 2 and a sentence when there is ${what}`, async () => {
      const { code, stderr } = await mqboard(['view', ...args], { MQBOARD_SERVER: broker.url })
        .finished;
      assert.equal(code, 2);
      assert.match(stderr, words);
    });
  }
});
