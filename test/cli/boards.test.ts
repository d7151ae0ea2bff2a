import assert from 'node:assert/strict';
import type { Broker } from '../../demo/broker';
import { Workbench } from '../core/support';
import { type Finished, mqboard, TalkingBoard } from './support';

const [SHED, BARN] = ['esp32/shed', 'farm/barn'];
/** Seconds since 1970, an hour ago. */
const hourAgo = () => Math.round(Date.now() / 1000) - 3600;

describe('mqboard boards and info', () => {
  const bench = new Workbench();
  let broker: Broker;
  let shed: TalkingBoard;

  beforeEach(async () => {
    broker = await bench.broker();
    shed = await TalkingBoard.start(bench, broker.url, SHED);
    await shed.status('online');
    await shed.info({
      ...{ boot: 7, boots: 12, fw: '0.1.0', mpy: '1.27.0', machine: 'ESP32', mode: 'normal' },
      ...{ reset: 'crash', reason: 'OSError: -2', up: 5, time: hourAgo(), zone: 90, log: 2 },
      last: { boot: 6, up: 7380, said: 40, acked: 38, rough: true },
    });
    const barn = await TalkingBoard.start(bench, broker.url, BARN);
    await barn.status('offline');
  });
  afterEach(() => bench.clear());

  const run = (args: string[], env: Record<string, string> = {}): Promise<Finished> =>
    mqboard(args, { MQBOARD_SERVER: broker.url, ...env }).finished;

  it('lists what is known of each board, whatever board the environment names', async () => {
    const { code, stdout, stderr } = await run(['boards'], { MQBOARD_PREFIX: 'a' });
    assert.deepEqual([code, stderr], [0, '']);
    const [heading, ...rows] = stdout.trimEnd().split('\n');
    assert.match(heading ?? '', /^BOARD +STATE +SINCE +FIRMWARE +CHIP +MODE +BOOTS +RESET +LAST/);
    assert.deepEqual(
      rows.map((row) => row.split(/ {2,}/)),
      [
        [SHED, 'online', '1 h 00 min', '0.1.0', 'ESP32', 'normal', '12', 'crash', 'OSError: -2'],
        [BARN, 'offline', '-', '-', '-', '-', '-', '-', '-'],
      ],
    );
  });

  it('tells a board that sleeps from one that is gone', async () => {
    const wake = { every: 7200, awake: 60 };
    await shed.info({ boot: 8, time: hourAgo(), wake });
    await shed.status('offline');
    assert.match((await run(['boards', SHED])).stdout, /^esp32\/shed +asleep /m);
    const { stdout } = await run(['info', SHED]);
    assert.match(stdout, /^state +asleep$/m);
    assert.match(stdout, /^sleeps +for 2 h 00 min, then wakes for 1 min$/m);
    await shed.info({ boot: 8, time: hourAgo() - 7200, wake });
    assert.match((await run(['boards', SHED])).stdout, /^esp32\/shed +offline /m);
  });

  it('lists the boards that are meant, and the newest crash that no host has seen', async () => {
    const trace = 'Traceback (most recent call last):\n  File "a.py", line 1\nValueError: no\n';
    const report = { kind: 'exception', trace, restarted: true, time: 1_790_000_000 };
    await shed.crash({ id: '7.1', ...report });
    const { stdout } = await run(['boards', 'esp32/#', 'x/y']);
    const rows = stdout.trimEnd().split('\n').slice(1);
    assert.equal(rows.length, 1);
    assert.match(rows[0] ?? '', /ValueError: no \(2026-09-2\d \d\d:\d\d:\d\d\)$/);
  });

  it('gives an object a board with --json', async () => {
    const { stdout } = await run(['boards', '--json']);
    const [one, other] = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual([one.ok, one.board, one.online, one.info.boots], [true, SHED, true, 12]);
    assert.deepEqual([other.board, other.online, other.info], [BARN, false, undefined]);
  });

  it('says so when there is no such board', async () => {
    const { code, stdout, stderr } = await run(['boards', 'nobody/+']);
    assert.deepEqual([code, stdout], [0, '']);
    assert.match(stderr, /nothing of such boards/);
  });

  it('tells what a board says of itself', async () => {
    const { code, stdout } = await run(['info', SHED]);
    assert.equal(code, 0);
    for (const line of [
      /^board +esp32\/shed$/m,
      /^state +online for 1 h 00 min$/m,
      /^MicroPython +1\.27\.0$/m,
      /^because +an exception that nobody caught \(OSError: -2\)$/m,
      /^boot before +ran for about 2 h 03 min, said 40 lines, 2 of them not acknowledged$/m,
      /^clock +set, times are UTC\+01:30$/m,
      /^wire +version 2, log lines are numbered$/m,
    ]) {
      assert.match(stdout, line);
    }
    assert.doesNotMatch(stdout, /undefined|NaN|Infinity/);
  });

  it('tells what is on a board, and what became of its last update', async () => {
    await shed.info({
      ...{ boot: 8, mode: 'safe', why: 'three bad boots', safe: '0.2.0', tags: ['roof', 'pv'] },
      releases: {
        framework: { version: '0.2.0' },
        app: { name: 'a', version: '7', modified: true },
      },
      update: { id: 'x', what: 'app', version: '8', state: 'undone', why: 'a hang', crash: '7.1' },
      image: { slot: 'ota_1', size: 1_572_864, chip: 0 },
    });
    const { stdout } = await run(['info', SHED]);
    for (const line of [
      /^mode +safe \(three bad boots\)$/m,
      /^framework +0\.2\.0$/m,
      /^app +a 7, modified$/m,
      /^last update +app 8, undone: a hang \(crash 7\.1\)$/m,
      /^safe copy +0\.2\.0$/m,
      /^images +up to 1\.6 MB, ota_1 runs$/m,
      /^tags +roof pv$/m,
    ]) {
      assert.match(stdout, line);
    }
  });

  it('finds the board in the environment, and gives JSON', async () => {
    const { stdout } = await run(['info', '--json'], { MQBOARD_PREFIX: SHED });
    assert.equal(JSON.parse(stdout).info.reason, 'OSError: -2');
  });

  it('ends with 4 for a board of which nothing is known, and tells about the others', async () => {
    const { code, stdout, stderr } = await run(['info', BARN, 'esp32/none']);
    assert.equal(code, 4);
    assert.match(stdout, /^state +offline$/m);
    assert.match(stderr, /Nothing is known of esp32\/none/);
  });

  it('ends with 2 where no board is named, or one that cannot be', async () => {
    assert.equal((await run(['info'])).code, 2);
    const { code, stderr } = await run(['info', 'esp32/+']);
    assert.equal(code, 2);
    assert.match(stderr, /holds "\+"/);
  });
});
