import assert from 'node:assert/strict';
import { mock } from 'node:test';
import type { Fleet, LogRecord, PresenceEvent, Watch } from '../../core/index';
import { Switchboard } from './switchboard';

/** A birth message. */
const birth = (boot: number, more: object = {}) => ({ wire: 2, do: ['eval'], boot, ...more });

describe('The presence of boards', () => {
  let switchboard: Switchboard;
  let fleet: Fleet;
  let events: PresenceEvent[];
  const told = () => events.splice(0).map(({ board, event }) => `${board} ${event}`);

  beforeEach(async () => {
    switchboard = new Switchboard();
    fleet = switchboard.fleet();
    events = [];
    await fleet.watch(['#'], { presence: (event) => void events.push(event) });
  });
  afterEach(() => fleet.close());

  it('is told when it changes, and not when it is only said again', () => {
    switchboard.deliver('a/mqb/status', 'online', true);
    switchboard.deliver('a/mqb/status', 'online');
    switchboard.deliver('a/mqb/status', 'offline');
    switchboard.deliver('a/mqb/status', 'offline', true);
    switchboard.deliver('a/mqb/status', 'nonsense');
    switchboard.deliver('a/mqb/status', '');
    assert.deepEqual(told(), ['a online', 'a offline']);
    assert.equal(fleet.known('a')?.online, false);
    assert.ok(Date.now() - (fleet.known('a')?.since ?? 0) < 1000);
  });

  it('is told to whoever begins to listen later, as what was so already', async () => {
    switchboard.deliver('a/mqb/status', 'online', true);
    switchboard.deliver('b/1/mqb/status', 'online');
    switchboard.deliver('b/2/mqb/status', 'offline');
    switchboard.deliver('b/3/mqb/info', birth(1));
    const later: PresenceEvent[] = [];
    await fleet.watch(['b/+'], { presence: (event) => void later.push(event) });
    switchboard.deliver('b/1/mqb/status', 'offline');
    assert.deepEqual(
      later.map(({ board, event, already = false }) => [board, event, already]),
      [
        ['b/1', 'online', true],
        ['b/2', 'offline', true],
        ['b/1', 'offline', false],
      ],
    );
    assert.deepEqual(
      events.map(({ already }) => already),
      [true, undefined, undefined, undefined, undefined],
    );
  });

  it('does not know since when, where the broker had kept it', () => {
    switchboard.deliver('a/mqb/status', 'online', true);
    assert.equal(fleet.known('a')?.since, undefined);
  });

  it('tells once what became of an update, with the reason and the crash report', () => {
    const update = { id: 'x.1', what: 'app', version: '2', state: 'trial' };
    const undone = { ...update, state: 'undone', why: 'it crashed', crash: '1f.1' };
    const confirmed = { ...update, id: 'x.2', state: 'confirmed' };
    const before = { ...update, id: 'x.0', state: 'confirmed' };
    switchboard.deliver('a/mqb/info', birth(1, { update: before }), true);
    assert.deepEqual(told(), [], 'what is found is no news');
    switchboard.deliver('a/mqb/info', birth(1, { update }));
    assert.deepEqual(told(), []);
    switchboard.deliver('a/mqb/info', birth(1, { update: undone }));
    switchboard.deliver('a/mqb/info', birth(1, { update: undone }));
    assert.deepEqual(
      events.splice(0).map(({ event, what, version, reason, crash }) => {
        return { event, what, version, reason, crash };
      }),
      [{ event: 'rolled-back', what: 'app', version: '2', reason: 'it crashed', crash: '1f.1' }],
    );
    switchboard.deliver('a/mqb/info', birth(1, { update: { ...update, id: 'x.2' } }));
    switchboard.deliver('a/mqb/info', birth(1, { update: confirmed }));
    switchboard.deliver('a/mqb/info', birth(2, { update: confirmed }));
    assert.deepEqual(told(), ['a updated', 'a booted']);
  });

  it('tells why a board is in safe mode', () => {
    switchboard.deliver('a/mqb/info', birth(1));
    switchboard.deliver('a/mqb/info', birth(2, { mode: 'safe', why: '3 bad boots' }));
    assert.deepEqual(events.at(-1)?.event, 'safe-mode');
    assert.deepEqual(events.at(-1)?.reason, '3 bad boots');
  });

  it('tells a boot with its cause, once', () => {
    const first = birth(1, { up: 3, reset: 'power', cause: 'PWRON', boots: 7 });
    switchboard.deliver('a/mqb/info', first);
    switchboard.deliver('a/mqb/info', { ...first, up: 60 });
    const [{ at, info, ...event } = { at: undefined, info: undefined }, ...others] = events;
    assert.deepEqual(event, {
      board: 'a',
      event: 'booted',
      online: undefined,
      reset: 'power',
      cause: 'PWRON',
      boots: 7,
    });
    assert.deepEqual(others, []);
    assert.equal(info?.boot, 1);
    assert.ok(Math.abs(Date.now() - 3000 - (at?.getTime() ?? 0)) < 500);
  });

  it('tells a boot that happened while nobody looked, by its own clock', () => {
    switchboard.deliver('a/mqb/info', birth(1), true);
    assert.deepEqual(told(), []);
    switchboard.deliver('a/mqb/info', birth(2, { up: 100, time: 1_790_000_100 }), true);
    assert.equal(events[0]?.at.getTime(), 1_790_000_000_000);
    assert.deepEqual(told(), ['a booted']);
  });

  it('tells that a board came up in safe mode, or went there', () => {
    switchboard.deliver('a/mqb/info', birth(1, { mode: 'safe' }));
    assert.deepEqual(told(), ['a booted', 'a safe-mode']);
    switchboard.deliver('a/mqb/info', birth(1, { mode: 'safe' }));
    switchboard.deliver('a/mqb/info', birth(1, { mode: 'normal' }));
    assert.deepEqual(told(), []);
    switchboard.deliver('a/mqb/info', birth(1, { mode: 'safe' }));
    assert.deepEqual(told(), ['a safe-mode']);
  });

  it('of version 1 tells a boot when it is up for less than before', async () => {
    for (const up of [60, 120, 5]) switchboard.deliver('a/sysinfo', { up });
    assert.deepEqual(told(), []);
    await fleet.watch(['#'], { sysinfo: () => {} });
    for (const up of [60, 120, 5, 65]) switchboard.deliver('a/sysinfo', { up });
    assert.equal(events[0]?.online, undefined);
    assert.deepEqual(told(), ['a booted']);
  });

  it('is not what anybody says to such a topic', () => {
    for (const payload of ['', 'x', '[]', 'null', Buffer.from([0xff, 0])]) {
      for (const topic of ['status', 'info', 'crash/1.1']) {
        switchboard.deliver(`a/mqb/${topic}`, payload);
      }
    }
    assert.deepEqual(fleet.boards(), []);
  });
});

describe('The presence of a board that went while its broker was down', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
  afterEach(() => mock.timers.reset());

  it('ends a minute after the link is back, where nothing says that it is online', async () => {
    const switchboard = new Switchboard();
    const fleet = switchboard.fleet();
    const events: string[] = [];
    const presence = ({ board, event }: PresenceEvent) => void events.push(`${board} ${event}`);
    await fleet.watch(['#'], { presence, log: () => {}, sysinfo: () => {} });
    for (const board of ['gone', 'kept', 'back', 'talks', 'lives', 'old']) {
      switchboard.deliver(`${board}/mqb/status`, 'online');
    }
    mock.timers.tick(60_000);
    assert.equal(events.splice(0).length, 6);
    switchboard.emit('connected');
    switchboard.deliver('kept/mqb/status', 'online', true);
    switchboard.deliver('old/mqb/info', birth(1), true);
    mock.timers.tick(59_000);
    switchboard.deliver('back/mqb/status', 'online');
    switchboard.deliver('talks/log', 'I 5 m: hello');
    switchboard.deliver('lives/sysinfo', { up: 5 });
    assert.deepEqual(events, []);
    mock.timers.tick(1_000);
    assert.deepEqual(events, ['gone offline', 'old offline']);
    assert.deepEqual([fleet.known('gone')?.online, fleet.known('gone')?.since], [false, undefined]);
    switchboard.deliver('gone/mqb/status', 'online');
    assert.equal(events.at(-1), 'gone online');
    await fleet.close();
  });
});

describe('The log lines that a boot took with it', () => {
  let switchboard: Switchboard;
  let fleet: Fleet;
  let missing: Array<number | undefined>;
  let records: LogRecord[];
  let watch: Watch;

  /** The board is heard up to line 5 of boot 0x1abc, and then restarts. */
  async function restart(last: object | undefined): Promise<void> {
    switchboard = new Switchboard();
    fleet = switchboard.fleet();
    missing = [];
    records = [];
    await fleet.watch(['#'], {
      presence: (event) => event.event === 'booted' && missing.push(event.missing),
    });
    watch = await fleet.watch(['#'], { log: (record) => void records.push(record) });
    switchboard.deliver('a/mqb/info', birth(0x1abc), true);
    for (let seq = 1; seq <= 5; seq++) switchboard.deliver('a/log', `I 5#abc.${seq} m: ${seq}`);
    switchboard.deliver('a/mqb/info', birth(0x2def, last && { last }));
  }
  afterEach(() => fleet.close());

  it('are those that it said, and that never arrived', async () => {
    await restart({ boot: 0x1abc, said: 9, acked: 7 });
    assert.deepEqual(missing, [4]);
  });

  it('are those that the broker did not have, where the host did not listen', async () => {
    await restart(undefined);
    switchboard.deliver('a/log', 'I 5#def.1 m: hello');
    watch.close();
    switchboard.deliver('a/mqb/info', birth(0x3abc, { last: { boot: 0x2def, said: 9, acked: 7 } }));
    assert.deepEqual(missing, [undefined, 2]);
    await fleet.close();
    await restart({ boot: 0x7777, said: 9, acked: 7 });
    assert.deepEqual(missing, [2]);
  });

  it('are unknown where its note was old by then, and the host did not listen', async () => {
    await restart(undefined);
    watch.close();
    const last = { boot: 0x2def, said: 9, acked: 7, rough: true };
    switchboard.deliver('a/mqb/info', birth(0x3abc, { last }));
    assert.deepEqual(missing, [undefined, undefined]);
  });

  it('are unknown where the board left no note', async () => {
    await restart(undefined);
    assert.deepEqual(missing, [undefined]);
  });

  it('are not taken from a boot whose number looks the same in the log', async () => {
    await restart(undefined);
    switchboard.deliver('a/mqb/info', birth(0x5def));
    switchboard.deliver('a/log', 'I 5#def.1 m: one');
    switchboard.deliver('a/mqb/info', birth(0x6def));
    switchboard.deliver('a/log', 'I 5#def.1 m: another');
    switchboard.deliver('a/log', 'I 5#def.1 m: another');
    assert.deepEqual(
      records.slice(5).map(({ message }) => message),
      ['one', 'another'],
    );
  });

  it('are not counted where lines of the new boot came before it said so', async () => {
    await restart(undefined);
    switchboard.deliver('a/log', 'I 5#123.1 m: one');
    switchboard.deliver('a/mqb/info', birth(0x5123));
    switchboard.deliver('a/log', 'I 5#123.2 m: two');
    assert.deepEqual(
      records.slice(5).map(({ message }) => message),
      ['one', 'two'],
    );
  });
});
