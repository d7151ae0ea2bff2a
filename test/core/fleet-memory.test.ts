import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { type CrashEvent, fileMemory, type LogRecord, type PresenceEvent } from '../../core/index';
import { Switchboard } from './switchboard';

describe('What a fleet knows', () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mqboard-fleet-'));
    path = join(folder, 'mqboard', 'boards.json');
  });
  afterEach(() => rm(folder, { recursive: true }));

  const report = { id: '1.1', kind: 'hang', restarted: true };
  const birth = { wire: 2, do: ['eval'], boot: 0x1a4f, machine: 'an ESP32' };

  it('is there again after a restart: boards, presence, crashes and numbers of lines', async () => {
    const before = new Switchboard();
    const old = before.fleet({ memory: fileMemory(path) });
    await old.watch(['#'], { log: () => {}, crash: () => {}, sysinfo: () => {} });
    before.deliver('a/mqb/status', 'online');
    before.deliver('a/mqb/info', birth);
    before.deliver('a/sysinfo', { up: 5, free: 1000 });
    before.deliver('a/mqb/crash/1.1', report, true);
    before.deliver('a/log', 'I 5#a4f.7 m: hello');
    const known = JSON.stringify(old.known('a'));
    await old.close();

    const after = new Switchboard();
    const fleet = after.fleet({ memory: fileMemory(path) });
    const records: LogRecord[] = [];
    const crashes: CrashEvent[] = [];
    const events: PresenceEvent[] = [];
    await fleet.watch(['#'], {
      log: (record) => void records.push(record),
      crash: (crash) => void crashes.push(crash),
      presence: (event) => void events.push(event),
    });
    assert.equal(JSON.stringify(fleet.known('a')), known);
    assert.equal(fleet.known('a')?.info?.max, Number.POSITIVE_INFINITY);
    after.deliver('a/mqb/status', 'online', true);
    after.deliver('a/mqb/info', birth, true);
    after.deliver('a/mqb/crash/1.1', report, true);
    after.deliver('a/mqb/crash/2.1', { ...report, id: '2.1' }, true);
    for (const seq of [7, 10]) after.deliver('a/log', `I 5#a4f.${seq} m: ${seq}`);
    assert.deepEqual(
      events.map(({ event, already, at }) => [event, already, at.getTime()]),
      [['online', true, fleet.known('a')?.since]],
    );
    assert.deepEqual(
      crashes.map(({ id, count }) => [id, count]),
      [['2.1', 2]],
    );
    assert.deepEqual(
      records.map(({ missing, message }) => missing ?? message),
      [2, '10'],
    );
    await fleet.close();
  });

  it('is forgotten when somebody says so', async () => {
    const switchboard = new Switchboard();
    const fleet = switchboard.fleet({ memory: fileMemory(path) });
    await fleet.watch([], {});
    for (const board of ['a', 'b']) switchboard.deliver(`${board}/mqb/status`, 'online');
    const changed: string[] = [];
    fleet.on('change', (board) => changed.push(board));
    fleet.forget('a');
    fleet.forget('never there');
    assert.deepEqual(
      fleet.boards().map(({ board }) => board),
      ['b'],
    );
    assert.deepEqual(changed, ['a']);
    await fleet.close();
    assert.doesNotMatch(await readFile(path, 'utf8'), /"board":"a"/);
  });

  it('is put aside where it cannot be read, and the fleet works all the same', async () => {
    await fileMemory(path).save('x');
    await writeFile(path, '{"version":1,"boards":[{"known"');
    const switchboard = new Switchboard();
    const fleet = switchboard.fleet({ memory: fileMemory(path) });
    await fleet.watch([], {});
    switchboard.deliver('a/mqb/status', 'online');
    await fleet.close();
    assert.deepEqual((await readdir(join(folder, 'mqboard'))).sort(), [
      'boards.json',
      'boards.json.broken',
    ]);
  });

  for (const state of [
    'null',
    '7',
    '{"version":2}',
    '{"version":1,"boards":[null,{},{"known":7}]}',
  ]) {
    it(`is nothing where it was ${state}`, async () => {
      await fileMemory(path).save(JSON.parse(state));
      const fleet = new Switchboard().fleet({ memory: fileMemory(path) });
      await fleet.watch([], {});
      assert.deepEqual(fleet.boards(), []);
      await fleet.close();
    });
  }

  it('may have been edited by anybody', async () => {
    const keys = ['online', 'since', 'info', 'sysinfo', 'crash', 'log', 'firstSeen', 'lastSeen'];
    const anything = fc.record({
      known: fc
        .dictionary(fc.constantFrom(...keys), fc.jsonValue({ maxDepth: 3 }))
        .map((known) => ({ board: 'a', firstSeen: 1, lastSeen: 1, ...known })),
      crashes: fc.oneof(
        fc.jsonValue({ maxDepth: 3 }),
        fc.record({ signatures: fc.jsonValue(), reports: fc.jsonValue() }),
      ),
    });
    await fc.assert(
      fc.asyncProperty(anything, async (entry) => {
        const state = { version: 1, boards: [entry] };
        const switchboard = new Switchboard();
        const fleet = switchboard.fleet({
          memory: { load: async () => state, save: async () => {} },
        });
        const told: unknown[] = [];
        const tell = (event: unknown) => void told.push(event);
        await fleet.watch(['#'], { log: tell, crash: tell, sysinfo: tell, presence: tell });
        switchboard.deliver('a/mqb/info', birth);
        switchboard.deliver('a/sysinfo', { up: 5 });
        switchboard.deliver('a/mqb/crash/7.7', { ...report, id: '7.7' });
        switchboard.deliver('a/log', 'I 5#a4f.1 m: hello');
        assert.ok(told.length >= 3);
        await fleet.close();
      }),
      { numRuns: 300 },
    );
  });

  it('works on with a memory that fails, and says so', async () => {
    const warnings: string[] = [];
    const note = ({ message }: Error) => void warnings.push(message);
    process.on('warning', note);
    const switchboard = new Switchboard();
    const fleet = switchboard.fleet({
      memory: {
        load: async () => Promise.reject(new Error('cannot be read')),
        save: async () => Promise.reject(new Error('cannot be written')),
      },
    });
    await fleet.watch([], {});
    switchboard.deliver('a/mqb/status', 'online');
    assert.equal(fleet.known('a')?.online, true);
    await fleet.close();
    await new Promise(setImmediate);
    process.off('warning', note);
    assert.deepEqual(warnings, ['cannot be read', 'cannot be written']);
  });
});
