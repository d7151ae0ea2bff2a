import assert from 'node:assert/strict';
import { connectAsync } from 'mqtt';
import { Broker } from '../../demo/broker';
import { type Behaviour, ScriptedBoard } from '../support/scripted-board';
import {
  connected,
  controlNode,
  helper,
  loadFlow,
  next,
  nextMany,
  node,
  type Received,
  serverNode,
  status,
  surroundings,
} from './support/flow';

type Line = Record<string, unknown>;
type Caught = Received & { board?: string; error: { message: string; code: string } };

const END = 'end of what is kept';

/** A board that restarts when it is told to, and remembers what it was told. */
function controllable(told: Line[], behaviour: Behaviour = {}): Behaviour {
  return {
    answers: {
      reset: (line) => {
        told.push(line);
        return { value: '{}' };
      },
      set: (line) => {
        told.push(line);
        return { value: JSON.stringify(line.to ?? null) };
      },
    },
    updates: {},
    ...behaviour,
  };
}

describe('An mqboard-control node', () => {
  let broker: Broker;
  const boards: ScriptedBoard[] = [];
  let told: Line[];

  before(async () => {
    broker = await Broker.start();
  });
  after(() => broker.stop());

  beforeEach(() => {
    told = [];
  });
  afterEach(async () => {
    await helper.unload();
    await Promise.all(boards.splice(0).map((board) => board.stop()));
  });

  async function startBoard(prefix = 'shed', behaviour?: Behaviour): Promise<ScriptedBoard> {
    const board = await ScriptedBoard.start(broker.url, prefix, controllable(told, behaviour));
    boards.push(board);
    return board;
  }

  async function start(settings: object = {}): Promise<void> {
    await loadFlow([...surroundings(), serverNode(broker.url), controlNode(settings)] as never);
    await status('control', connected);
  }

  async function ask(msg: object = {}): Promise<Received> {
    const answer = next('out');
    node('control').receive(msg);
    return answer;
  }

  async function fail(msg: object = {}): Promise<Caught> {
    const caught = next('caught');
    node('control').receive(msg);
    return (await caught) as Caught;
  }

  /** What the broker keeps at a topic; undefined for nothing. */
  async function kept(topic: string): Promise<string | undefined> {
    const client = await connectAsync(broker.url);
    try {
      const heard = new Promise<string>((resolve) => {
        client.on('message', (_topic, payload) => resolve(payload.toString()));
      });
      await client.subscribeAsync(topic);
      // What is retained comes before what is published after the subscription.
      await client.publishAsync(topic, END);
      const first = await heard;
      return first === END ? undefined : first;
    } finally {
      await client.endAsync();
    }
  }

  describe('set to a restart', () => {
    it('tells the board how and why, and is done when it is back, with the mode that it is in', async () => {
      const board = await startBoard('shed', { info: { mode: 'safe' } });
      board.behaviour.answers = {
        ...board.behaviour.answers,
        reset: (line) => {
          told.push(line);
          setTimeout(() => void board.restart(), 50);
          return { value: '{}' };
        },
      };
      await start({ action: 'safe', why: 'it was time' });
      const { payload, mqboard } = await ask();
      assert.deepEqual(payload, { how: 'safe', mode: 'safe' });
      assert.equal((mqboard as { action: string }).action, 'safe');
      const [{ how, why } = {}] = told;
      assert.deepEqual({ how, why }, { how: 'safe', why: 'it was time' });
      assert.equal(board.boot, 1001);
    });

    it('does not wait when it is not told to', async () => {
      await startBoard();
      await start({ action: 'hard', wait: false });
      assert.deepEqual((await ask()).payload, { how: 'hard' });
    });

    it('has the broker hold a board in safe mode, until it is sent back to normal mode', async () => {
      await startBoard('shed', { info: { mode: 'safe' } });
      await start({ action: 'msg', keep: true, wait: false });
      await ask({ action: 'safe' });
      assert.equal(await kept('shed/mqb/set/mode'), '{"mode":"safe"}');
      await ask({ action: 'normal' });
      assert.equal(await kept('shed/mqb/set/mode'), undefined);
    });

    it('has the broker hold a board in safe mode that is away, and is no error then', async () => {
      const board = await startBoard();
      await board.announce('offline');
      await start({ action: 'safe', keep: true });
      assert.deepEqual((await ask()).payload, { how: 'safe', kept: true });
      assert.equal(await kept('shed/mqb/set/mode'), '{"mode":"safe"}');
      await helper.unload();
      await start({ action: 'safe' });
      assert.equal((await fail()).error.code, 'BOARD_OFFLINE');
    });

    it('asks all boards of a list, and fails only for the one that is not there', async () => {
      await startBoard('shed');
      await startBoard('barn');
      const gone = await startBoard('gone');
      await gone.announce('offline');
      await start({ action: 'soft', wait: false, board: 'board', boardType: 'msg' });
      const answers = nextMany('out', 2);
      const { board, error } = await fail({ board: ['shed', 'gone', 'barn'] });
      assert.deepEqual([board, error.code], ['gone', 'BOARD_OFFLINE']);
      assert.deepEqual((await answers).map((answer) => answer.board).sort(), ['barn', 'shed']);
    });
  });

  describe('set to what a board tells', () => {
    it('makes a setting of the name of a level', async () => {
      await startBoard();
      await start({ action: 'log', level: 'debug' });
      const setting = { mqtt: { '*': 'debug' } };
      assert.deepEqual((await ask()).payload, { setting, kept: false });
      assert.deepEqual(told[0]?.to, setting);
    });

    it('takes levels by loggers from the message, and goes back to the configuration', async () => {
      await startBoard();
      const setting = { mqtt: { '*': 'info', heating: 'debug' } };
      await start({ action: 'log', level: 'payload', levelType: 'msg' });
      assert.deepEqual((await ask({ payload: setting })).payload, { setting, kept: false });
      await helper.unload();
      await start({ action: 'log', levelType: 'usual' });
      await ask();
      assert.deepEqual(
        told.map(({ to }) => to),
        [setting, null],
      );
    });

    it('has the broker keep it where the board is away, too', async () => {
      const board = await startBoard();
      await board.announce('offline');
      await start({ action: 'sysinfo', interval: '10', keep: true });
      assert.deepEqual((await ask()).payload, { setting: { interval: 10 }, kept: true });
      assert.equal(await kept('shed/mqb/set/sysinfo'), '{"interval":10}');
      assert.deepEqual(told, []);
    });
  });

  describe('set to a wake schedule', () => {
    const schedule = { action: 'wake', every: '900', awake: '30' };

    it('sets it on a board that is there', async () => {
      await startBoard();
      await start(schedule);
      const setting = { every: 900, awake: 30 };
      assert.deepEqual((await ask()).payload, { setting, kept: false });
      assert.deepEqual([told[0]?.what, told[0]?.to], ['wake', setting]);
    });

    it('has the broker keep it for a board that sleeps', async () => {
      const board = await startBoard();
      await board.announce('offline');
      await start({ ...schedule, keep: true });
      assert.deepEqual((await ask()).payload, { setting: { every: 900, awake: 30 }, kept: true });
      assert.equal(await kept('shed/mqb/set/wake'), '{"every":900,"awake":30}');
      assert.deepEqual(told, []);
    });

    it('takes it from the message, and leaves what is empty as it is configured', async () => {
      await startBoard();
      await start({ ...schedule, every: 'sleep', everyType: 'msg', awake: '' });
      await ask({ sleep: 0 });
      await ask({ sleep: '120' });
      await ask();
      assert.deepEqual(
        told.map(({ to }) => to),
        [{ every: 0 }, { every: 120 }, null],
      );
    });
  });

  describe('set to updates', () => {
    it('tells what is on a board', async () => {
      const board = await startBoard();
      board.updates.releases.app = { name: 'heating', version: '1.4', text: '' };
      await start({ action: 'releases' });
      const { slots } = (await ask()).payload as { slots: { app: { version: string } } };
      assert.equal(slots.app.version, '1.4');
    });

    it('confirms what is on trial', async () => {
      const board = await startBoard();
      board.updates.update = { id: 'x', what: 'app', version: '2', state: 'trial' };
      await board.announce('online');
      await start({ action: 'confirm' });
      await ask();
      assert.equal(board.updates.update?.state, 'confirmed');
    });

    it('rolls back, and tells what came of it', async () => {
      const board = await startBoard();
      board.updates.releases.app = { name: 'heating', version: '2', text: '', before: '1' };
      await board.announce('online');
      await start({ action: 'rollback', slot: 'msg', why: 'too hot' });
      const { outcome, version } = (await ask({ slot: 'app' })).payload as Record<string, string>;
      assert.deepEqual([outcome, version], ['updated', '1']);
      assert.deepEqual(board.updates.steps.at(-1), 'undo app');
    });
  });

  const wrong: Array<[name: string, settings: object, msg: object, code: string, text: RegExp]> = [
    ['an action that there is not', { action: 'msg' }, { action: 'off' }, 'BAD_ACTION', /"off"/],
    ['no action', { action: 'msg' }, {}, 'BAD_ACTION', /it is missing/],
    ['a slot', { action: 'rollback', slot: 'msg' }, { slot: 'image' }, 'BAD_SLOT', /"image"/],
    [
      'a level',
      { action: 'log', level: 'payload', levelType: 'msg' },
      { payload: 'loud' },
      'BAD_LEVEL',
      /it is "loud"/,
    ],
    [
      'an interval',
      { action: 'sysinfo', interval: 'payload', intervalType: 'msg' },
      { payload: -1 },
      'BAD_INTERVAL',
      /number of seconds/,
    ],
    ['a time to sleep', { action: 'wake', every: '604801' }, {}, 'BAD_WAKE', /sleep must be/],
    [
      'a time awake',
      { action: 'wake', awake: 'awake', awakeType: 'msg' },
      { awake: 0 },
      'BAD_WAKE',
      /awake must be a number of seconds, 1 to/,
    ],
  ];
  for (const [name, settings, msg, code, text] of wrong) {
    it(`refuses ${name}, says what it may be, and asks no board`, async () => {
      await startBoard();
      await start(settings);
      const { error } = await fail(msg);
      assert.equal(error.code, code);
      assert.match(error.message, text);
      assert.deepEqual(told, []);
    });
  }
});
