import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CrashEvent, LogRecord, PresenceEvent } from '../../core/index';
import { Broker } from '../../demo/broker';
import type { ServerNode } from '../../nodes/shared/server-node';
import {
  connected,
  deployModified,
  evalNode,
  helper,
  lastStatus,
  loadFlow,
  logEnds,
  logNode,
  next,
  nextMany,
  node,
  type Received,
  serverNode,
  status,
  surroundings,
} from './support/flow';
import { SpeakingBoard } from './support/speaking-board';

type Nodes = Parameters<typeof loadFlow>[0];

const TRACEBACK = [
  'Traceback (most recent call last):',
  '  File "main.py", line 3, in <module>',
  '  File "heating.py", line 7, in run',
  'ValueError: too hot',
];
const CRASH = {
  id: 'a4f.1',
  kind: 'exception',
  where: 'task',
  trace: TRACEBACK.join('\n'),
  log: ['I 12:00:00.000#a4f.1     main: started heating'],
  up: 4210,
  restarted: true,
};

const records = (messages: Received[]) => messages.map(({ payload }) => payload as LogRecord);
const online = (text: string) => (shown: { text?: string }) => shown.text === text;

describe('An mqboard-log node', () => {
  let broker: Broker;
  let userDir: string;
  const boards: SpeakingBoard[] = [];

  beforeEach(async () => {
    broker = await Broker.start();
    userDir = mkdtempSync(join(tmpdir(), 'mqboard-log-'));
    helper.settings({ userDir });
  });
  afterEach(async () => {
    await helper.unload();
    for (const board of boards.splice(0)) await board.stop();
    await broker.stop();
    helper.settings({});
    rmSync(userDir, { recursive: true, force: true });
  });

  function flow(log: object = {}, ...others: object[]): Nodes {
    return [
      ...surroundings(),
      serverNode(broker.url),
      ...logEnds(),
      logNode(log),
      ...others,
    ] as never;
  }

  async function board(
    prefix = 'shed',
    info: Record<string, unknown> = {},
  ): Promise<SpeakingBoard> {
    const started = await SpeakingBoard.start(broker.url, prefix, info);
    boards.push(started);
    return started;
  }

  /** Resolves when the node hears the boards that are there. */
  const hears = (text = '1 of 1 online', id = 'log') => status(id, online(text));

  it('makes a record of each line, with the name of its board as topic', async () => {
    const shed = await board('farm/shed');
    await loadFlow(flow());
    await hears();
    const told = next('records');
    await shed.line('I', 'started heating');
    const { topic, payload } = (await told) as { topic?: string; payload?: LogRecord };
    assert.equal(topic, 'farm/shed');
    assert.deepEqual(
      [payload?.levelName, payload?.name, payload?.message, payload?.backlog],
      ['info', 'main', 'started heating', false],
    );
    assert.ok(payload?.time instanceof Date);
  });

  it('leaves the topic prefix of the server out of the names', async () => {
    const shed = await board('farm/shed');
    await board('other/barn');
    await loadFlow([
      ...surroundings(),
      serverNode(broker.url, { prefix: 'farm' }),
      ...logEnds(),
      logNode(),
    ] as never);
    await hears();
    const told = next('records');
    await shed.line('I', 'here');
    assert.equal((await told).topic, 'shed');
  });

  it('makes one record of a traceback, with the exception and its frames', async () => {
    const shed = await board();
    await loadFlow(flow());
    await hears();
    const told = next('records');
    await shed.message('E', 'a task failed', ...TRACEBACK);
    const { exception, lines } = (await told).payload as LogRecord;
    assert.equal(lines, 5);
    assert.deepEqual([exception?.type, exception?.message], ['ValueError', 'too hot']);
    assert.deepEqual(exception?.frames.at(-1), { file: 'heating.py', line: 7, function: 'run' });
  });

  it('sends only what its level and its loggers let pass', async () => {
    const shed = await board();
    await loadFlow(flow({ level: 'warning', loggers: 'heat*, !heat.debug' }));
    await hears();
    const told = nextMany('records', 2);
    await shed.line('I', 'too low', { name: 'heat' });
    await shed.line('W', 'another one', { name: 'net' });
    await shed.line('W', 'left out', { name: 'heat.debug' });
    await shed.line('W', 'first', { name: 'heat' });
    await shed.line('E', 'second', { name: 'heat.valve' });
    const messages = records(await told).map(({ message }) => message);
    assert.deepEqual(messages, ['first', 'second']);
  });

  it('tells how often a record was repeated, at the latest when it is closed', async () => {
    const shed = await board();
    const watched = logNode({ coalesce: '0.3' });
    await loadFlow(flow(watched));
    await hears();
    const told = nextMany('records', 2);
    for (let i = 0; i < 4; i++) await shed.line('W', 'too hot');
    const [first, second] = records(await told) as Array<LogRecord & { repeated?: number }>;
    assert.equal(first?.repeated, undefined);
    assert.equal(second?.repeated, 3);
    const atClose = nextMany('records', 2);
    for (let i = 0; i < 3; i++) await shed.line('W', 'too cold');
    await shed.sysinfo({ up: 1 });
    await next('sysinfo');
    await deployModified(flow({ ...watched, coalesce: '0.2' }));
    const [, last] = records(await atClose) as Array<LogRecord & { repeated?: number }>;
    assert.deepEqual([last?.message, last?.repeated], ['too cold', 2]);
  });

  it('holds back what is too much, and tells how much', async () => {
    const shed = await board();
    await loadFlow(flow({ limit: '5' }));
    await hears();
    const told = nextMany('records', 6);
    for (let i = 0; i < 20; i++) await shed.line('I', `line ${i}`);
    const last = records(await told).at(-1) as LogRecord & { heldBack?: number };
    assert.equal(last.heldBack, 15);
    assert.match(last.message, /^15 records held back: more than 5 a second$/);
  });

  it('tells a crash once, with a text for people', async () => {
    const shed = await board();
    await loadFlow(flow());
    await hears();
    const told = nextMany('crashes', 2);
    await shed.crash(CRASH);
    await shed.crash(CRASH);
    await shed.crash({ ...CRASH, id: 'a4f.2' });
    const [first, second] = (await told).map(
      ({ payload }) => payload as CrashEvent & { text: string },
    );
    assert.deepEqual([first?.id, second?.id], ['a4f.1', 'a4f.2']);
    assert.equal(first?.signature, second?.signature);
    assert.deepEqual([first?.count, second?.count], [1, 2]);
    const expected = [
      'shed crashed: ValueError: too hot (task; heating.py:7, run).',
      'It had been running for 1 h 10 min.',
      'It restarted because of it.',
      'The last that it logged before: main: started heating (info, DAY)',
    ];
    const text = first?.text.replace(/\d{4}-\d\d-\d\d \d\d:\d\d:00/, 'DAY');
    assert.equal(text, expected.join(' '));
    assert.match(second?.text ?? '', /It has happened 2 times since \d{4}-\d\d-\d\d \d\d:/);
  });

  it('sends vital signs', async () => {
    const shed = await board();
    await loadFlow(flow());
    await hears();
    const told = next('sysinfo');
    await shed.sysinfo({ up: 60, free: 43_210, cont_free: 20_000 });
    const { topic, payload } = await told;
    assert.equal(topic, 'shed');
    const { free, contFree } = payload as { free: number; contFree: number };
    assert.deepEqual([free, contFree], [43_210, 20_000]);
  });

  it('tells when boards come, go and restart, and why', async () => {
    await loadFlow(flow());
    await status('log', online('no boards yet'));
    const events = nextMany('presence', 5);
    const first = await board('shed', { boot: 1 });
    await hears();
    await first.vanish();
    await hears('0 of 1 online');
    await board('shed', { boot: 2, reset: 'intended', reason: 'new version' });
    const told = (await events).map(({ payload }) => payload as PresenceEvent);
    assert.deepEqual(
      told.map(({ event }) => event),
      ['booted', 'online', 'offline', 'booted', 'online'],
    );
    assert.deepEqual([told[3]?.reset, told[3]?.reason], ['intended', 'new version']);
  });

  it('tells which boards are there already when it begins, and marks it', async () => {
    await board('shed');
    await loadFlow(flow({}, evalNode()));
    await hears();
    await deployModified(flow({ d: true }, evalNode()));
    await board('barn');
    await deployModified(flow({ level: 'info' }, evalNode()));
    const told = (await nextMany('presence', 2)).map(({ payload }) => payload as PresenceEvent);
    assert.deepEqual(told.map(({ board, event, already }) => [board, event, already]).sort(), [
      ['barn', 'online', true],
      ['shed', 'online', true],
    ]);
  });

  it('shows in colours how many of its boards are online', async () => {
    await loadFlow(flow({ boards: 'barn/+' }));
    assert.deepEqual(await status('log', online('no boards yet')), {
      fill: 'grey',
      shape: 'ring',
      text: 'no boards yet',
    });
    await board('shed');
    const one = await board('barn/1');
    assert.equal((await hears('1 of 1 online')).fill, 'green');
    await board('barn/2');
    await hears('2 of 2 online');
    await one.vanish();
    assert.equal((await hears('1 of 2 online')).fill, 'yellow');
  });

  it('does not ask the broker for what is switched off', async () => {
    const asked: string[] = [];
    broker.aedes.on('subscribe', (filters) => asked.push(...filters.map(({ topic }) => topic)));
    await board();
    await loadFlow(flow({ records: false, sysinfo: false, crashes: false }));
    await hears();
    assert.deepEqual(
      asked.filter((topic) => !/\/mqb\/(status|info)$/.test(topic)),
      [],
    );
  });

  it('hears only the boards that it names', async () => {
    const [shed, barn] = [await board('shed'), await board('barn/1')];
    await loadFlow(flow({ boards: 'house\nbarn/+' }));
    await hears();
    const told = next('records');
    await shed.line('I', 'not this one');
    await barn.line('I', 'this one');
    assert.equal((await told).topic, 'barn/1');
  });

  it('says what is wrong with the name of a board', async () => {
    await loadFlow([...surroundings(), serverNode(broker.url), ...logEnds()] as never);
    const caught = next('caught');
    await deployModified(flow({ boards: 'barn/#/x' }));
    const { error } = (await caught) as { error?: { message: string; code?: string } };
    assert.match(error?.message ?? '', /barn\/#\/x/);
    assert.equal(lastStatus('log').text, 'bad board filter');
  });

  it('shows that there is no server, and begins when a deploy brings one', async () => {
    await loadFlow([...surroundings(), ...logEnds(), logNode()] as never);
    assert.deepEqual(lastStatus('log'), { fill: 'red', shape: 'ring', text: 'no server' });
    await board();
    await deployModified(flow());
    await hears();
  });

  it('shows why the server does not let it in', async () => {
    await broker.stop();
    broker = await Broker.start({ users: { ada: 'secret' } });
    await loadFlow(flow(), { server: { user: 'ada', password: 'guess' } });
    await status('log', online('wrong password'));
  });

  it('says that the broker does not allow it to listen', async () => {
    const refuse = broker.aedes.authorizeSubscribe;
    broker.aedes.authorizeSubscribe = (client, subscription, done) => {
      if (subscription.topic.endsWith('/log')) done(null, null);
      else refuse.call(broker.aedes, client, subscription, done);
    };
    await loadFlow([...surroundings(), serverNode(broker.url), ...logEnds()] as never);
    const caught = next('caught');
    await deployModified(flow());
    const { error } = (await caught) as { error?: { message: string } };
    assert.match(error?.message ?? '', /does not allow this user to subscribe/);
    assert.equal(lastStatus('log').text, 'not authorised');
  });

  it('goes on when the broker was away', async () => {
    await loadFlow(flow());
    await status('log', online('no boards yet'));
    await broker.stop();
    await status('log', online('node-red:common.status.disconnected'));
    await broker.restart();
    const shed = await board();
    await hears();
    const told = next('records');
    await shed.line('I', 'back');
    assert.equal(((await told).payload as LogRecord).message, 'back');
  });

  it('leaves nothing at the broker when it is disabled, while others go on', async () => {
    const gone: string[] = [];
    const shed = await board();
    const two = { id: 'two', wires: [['live'], [], [], []] };
    await loadFlow(flow({}, logNode(two)));
    await hears();
    await hears('1 of 1 online', 'two');
    broker.aedes.on('unsubscribe', (topics) => gone.push(...topics));
    await deployModified(flow({ d: true }, logNode(two)));
    assert.deepEqual(gone, []);
    const server = node('server') as unknown as ServerNode;
    // Until then the server itself listens, too.
    await server.knownBoards();
    assert.equal(
      server.fleet().listenerCount('change'),
      1,
      'the node that is gone listens to nothing',
    );
    const told = next('live');
    await shed.line('I', 'still heard');
    await told;
    const last = new Promise((resolve) => broker.aedes.once('clientDisconnect', resolve));
    await deployModified(flow({ d: true }, logNode({ ...two, d: true })));
    await last;
    assert.equal(broker.clients.length, 1, 'only the board is left');
  });

  it('tells two nodes of one server the same, each what it wants', async () => {
    const shed = await board();
    const two = logNode({ id: 'two', level: 'error', wires: [['live'], ['out'], [], []] });
    await loadFlow(flow({}, two));
    await hears();
    await hears('1 of 1 online', 'two');
    const [all, severe] = [nextMany('records', 2), next('live')];
    const crashes = [next('crashes'), next('out')];
    await shed.line('I', 'one');
    await shed.line('E', 'two');
    assert.deepEqual(
      records(await all).map(({ message }) => message),
      ['one', 'two'],
    );
    assert.equal(((await severe).payload as LogRecord).message, 'two');
    await shed.crash(CRASH);
    for (const { payload } of await Promise.all(crashes)) {
      assert.equal((payload as CrashEvent).id, 'a4f.1');
    }
  });

  it('gives each of two nodes a record of its own: a flow may change what it gets', async () => {
    const shed = await board();
    await loadFlow(flow({}, logNode({ id: 'two', wires: [['live'], [], ['out'], []] })));
    await hears();
    await hears('1 of 1 online', 'two');
    node('records').on('input', ((msg: { payload: LogRecord }) => {
      msg.payload.message = 'changed';
    }) as never);
    node('sysinfo').on('input', ((msg: { payload: { free: number } }) => {
      msg.payload.free = 0;
    }) as never);
    const told = [next('live'), next('out')];
    await shed.line('I', 'as it was');
    await shed.sysinfo({ free: 7 });
    const [line, sysinfo] = (await Promise.all(told)).map(({ payload }) => payload);
    assert.equal((line as LogRecord).message, 'as it was');
    assert.equal((sysinfo as { free: number }).free, 7);
  });

  it('counts repeats also of a record that the flow has changed', async () => {
    const shed = await board();
    await loadFlow(flow({ coalesce: '0.3' }));
    await hears();
    const told = nextMany('records', 2);
    node('records').on('input', ((msg: { payload: LogRecord }) => {
      msg.payload.message = 'changed';
    }) as never);
    await shed.line('W', 'too hot');
    await next('records');
    await shed.line('W', 'too hot');
    const last = (await told).at(-1)?.payload as { repeated?: number };
    assert.equal(last.repeated, 1);
  });

  it('misses nothing and repeats nothing of a board over a deploy that changes another node', async () => {
    const shed = await board();
    await loadFlow(flow({}, evalNode()));
    await hears();
    const told = nextMany('records', 20);
    const deployed = deployModified(flow({}, evalNode({ code: '1' })));
    for (let i = 0; i < 20; i++) await shed.line('I', `line ${i}`);
    await deployed;
    assert.deepEqual(
      records(await told).map(({ message }) => message),
      Array.from({ length: 20 }, (_, index) => `line ${index}`),
    );
  });

  it('shows as a gap what it missed while its settings were changed', async () => {
    const shed = await board();
    await loadFlow(flow({}, evalNode()));
    await hears();
    const first = next('records');
    await shed.line('I', 'before');
    await first;
    await deployModified(flow({ d: true }, evalNode()));
    await status('eval', connected);
    await shed.line('I', 'missed');
    await shed.line('I', 'missed, too');
    await deployModified(flow({}, evalNode()));
    await hears();
    const told = nextMany('records', 2);
    await shed.line('I', 'after');
    const [gap, after] = records(await told);
    assert.deepEqual([gap?.missing, gap?.levelName, gap?.name], [2, 'warning', 'mqboard']);
    assert.equal(after?.message, 'after');
  });

  describe('over a restart of Node-RED', () => {
    it('knows its boards, those included that are away', async () => {
      const [shed] = [await board('shed'), await board('barn')];
      await loadFlow(flow());
      await hears('2 of 2 online');
      await helper.unload();
      await shed.vanish();
      await loadFlow(flow());
      await hears('1 of 2 online');
    });

    it('tells no crash again, and the next of its kind as the second', async () => {
      const shed = await board();
      await loadFlow(flow());
      await hears();
      const first = next('crashes');
      await shed.crash(CRASH);
      await first;
      await helper.unload();
      await loadFlow(flow());
      const second = next('crashes');
      await hears();
      await shed.crash({ ...CRASH, id: 'a4f.2' });
      const { id, count } = (await second).payload as CrashEvent;
      assert.deepEqual([id, count], ['a4f.2', 2]);
    });

    it('shows the lines that came meanwhile as a gap', async () => {
      const shed = await board();
      await loadFlow(flow());
      await hears();
      const first = next('records');
      await shed.line('I', 'before');
      await first;
      await helper.unload();
      for (let i = 0; i < 7; i++) await shed.line('I', 'unheard');
      await loadFlow(flow());
      await hears();
      const told = nextMany('records', 2);
      await shed.line('I', 'after');
      const [gap, after] = records(await told);
      assert.equal(gap?.missing, 7);
      assert.equal(after?.message, 'after');
    });
  });
});
