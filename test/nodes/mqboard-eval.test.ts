import assert from 'node:assert/strict';
import { Broker } from '../../demo/broker';
import {
  connected,
  deployModified,
  evalNode,
  helper,
  lastStatus,
  loadFlow,
  next,
  nextMany,
  node,
  type Received,
  serverNode,
  status,
  surroundings,
} from './support/flow';
import { type Program, StubBoard, traceback } from './support/stub-board';

/** What a catch node hands on, as far as it is about the error. */
interface Caught extends Received {
  board?: string;
  error: {
    message: string;
    code: string;
    stack?: string;
    cause: { code: string; board?: string; traceback?: string; output?: string };
    source: { id: string };
  };
}

describe('An mqboard-eval node', () => {
  let broker: Broker;
  const boards: StubBoard[] = [];

  before(async () => {
    broker = await Broker.start();
  });
  after(() => broker.stop());

  afterEach(async () => {
    await helper.unload();
    await Promise.all(boards.splice(0).map((board) => board.stop()));
  });

  async function startBoard(prefix: string, program: Program): Promise<StubBoard> {
    const board = await StubBoard.start(broker.url, prefix, program);
    boards.push(board);
    return board;
  }

  async function start(settings: object = {}, server: object = {}): Promise<void> {
    await loadFlow([
      ...surroundings(),
      serverNode(broker.url, server),
      evalNode(settings),
    ] as never);
    await status('eval', connected);
  }

  async function ask(msg: object = {}): Promise<Received> {
    const answer = next('out');
    node('eval').receive(msg);
    return answer;
  }

  async function fail(msg: object = {}): Promise<Caught> {
    const caught = next('caught');
    node('eval').receive(msg);
    return (await caught) as Caught;
  }

  describe('with a board that answers', () => {
    it('passes the message on, with the value of the expression as its payload', async () => {
      await startBoard('shed', ({ source }) => (source === '45+876' ? '921' : '0'));
      await start();
      const msg = await ask({ topic: 'sums', payload: 1, parts: { id: 'x', index: 0 } });
      assert.equal(msg.payload, 921);
      assert.equal(msg.topic, 'sums');
      assert.deepEqual(msg.parts, { id: 'x', index: 0 });
      assert.equal(msg.board, 'shed');
      assert.equal((msg.mqboard as { text: string }).text, '921');
    });

    it('puts the result where it is told to, below what is there already', async () => {
      await startBoard('shed', () => "{'celsius': 21.5}");
      await start({ result: 'reading.now' });
      const msg = await ask({ payload: 'kept', reading: { before: 20 } });
      assert.deepEqual(msg.reading, { before: 20, now: { celsius: 21.5 } });
      assert.equal(msg.payload, 'kept');
    });

    it('gives the text unchanged when that is what was asked for', async () => {
      await startBoard('shed', () => '(1, 2)');
      await start({ resultAs: 'text' });
      assert.equal((await ask()).payload, '(1, 2)');
    });

    it('gives a BigInt for an integer that a number cannot hold', async () => {
      await startBoard('shed', () => '123456789012345678901');
      await start();
      assert.equal((await ask()).payload, 123456789012345678901n);
    });

    it('gives what statements printed, since they have no value', async () => {
      await startBoard('shed', async ({ print }) => {
        await print('one\n');
        await print('two\n');
        return '';
      });
      await start();
      const msg = await ask();
      assert.equal(msg.payload, 'one\ntwo\n');
    });

    it('finds the board below the topic prefix of the installation', async () => {
      await startBoard('farm/shed', () => "'hello'");
      await start({}, { prefix: 'farm' });
      const msg = await ask();
      assert.equal(msg.payload, 'hello');
      assert.equal(msg.board, 'shed');
    });

    it('takes the board and the code from the message', async () => {
      const board = await startBoard('esp32/test', () => '1');
      await start({ board: 'to', boardType: 'msg', sourceType: 'msg', source: 'ask.code' });
      const msg = await ask({ to: 'esp32/test', ask: { code: 'len(b)' } });
      assert.equal(msg.board, 'esp32/test');
      assert.deepEqual(board.sources, ['len(b)']);
    });

    it('takes the board from the flow context, the global context and the environment', async () => {
      await startBoard('shed', () => '1');
      process.env.MQBOARD_TEST_BOARD = 'shed';
      for (const [boardType, board] of [
        ['flow', 'my.board'],
        ['global', 'my.board'],
        ['env', 'MQBOARD_TEST_BOARD'],
      ]) {
        await start({ boardType, board });
        const context = node('eval').context();
        if (boardType !== 'env')
          context[boardType as 'flow' | 'global'].set('my', { board: 'shed' });
        assert.equal((await ask()).board, 'shed', boardType);
        await helper.unload();
      }
      delete process.env.MQBOARD_TEST_BOARD;
    });

    it('shows how long it took', async () => {
      await startBoard('shed', () => '1');
      await start();
      await ask();
      const shown = await status('eval', ({ text }) => / (ms|s)$/.test(text ?? ''));
      assert.equal(shown.fill, 'green');
    });
  });

  describe('with variables', () => {
    /** Sends the message, and returns what arrived at the board. */
    async function sent(variables: object[], msg: object): Promise<Record<string, unknown>> {
      let arrived: Record<string, unknown> = {};
      await startBoard('shed', (call) => {
        arrived = call.variables;
        return '1';
      });
      await start({ variables });
      await ask(msg);
      return arrived;
    }

    it('sends them as data, whatever is in them', async () => {
      const text = `'"\n); import machine; machine.reset() #`;
      const variables = [
        { name: 'text', type: 'msg', value: 'payload' },
        { name: 'number', type: 'num', value: '42.5' },
        { name: 'data', type: 'json', value: '{"a":[1,null,true]}' },
        { name: 'flag', type: 'bool', value: 'true' },
        { name: 'doubled', type: 'jsonata', value: 'count * 2' },
      ];
      assert.deepEqual(await sent(variables, { payload: text, count: 4 }), {
        text,
        number: 42.5,
        data: { a: [1, null, true] },
        flag: true,
        doubled: 8,
      });
    });

    it('sends a Buffer as bytes, a Map as a dict, a Set as a list and a BigInt as it is', async () => {
      const variables = ['bytes', 'map', 'set', 'big'].map((name) => ({
        name,
        type: 'msg',
        value: name,
      }));
      const values = {
        bytes: Buffer.from([0, 255]),
        map: new Map([['a', 1]]),
        set: new Set([1, 2]),
        big: 2n ** 70n,
      };
      assert.deepEqual(await sent(variables, values), {
        bytes: { $mqb: 'bytes', v: 'AP8=' },
        map: { a: 1 },
        set: [1, 2],
        big: { $mqb: 'int', v: `${2n ** 70n}` },
      });
    });

    it('refuses a value that contains itself, and names the variable', async () => {
      await startBoard('shed', () => '1');
      await start({ variables: [{ name: 'loop', type: 'msg', value: 'payload' }] });
      const payload: { self?: object } = {};
      payload.self = payload;
      const { error } = await fail({ payload });
      assert.equal(error.code, 'BAD_VARIABLE');
      assert.match(error.message, /loop/);
    });

    it('refuses one that the message does not have', async () => {
      const board = await startBoard('shed', () => '1');
      await start({ variables: [{ name: 'pin', type: 'msg', value: 'payload.pin' }] });
      const { error } = await fail({ payload: {} });
      assert.equal(error.code, 'NO_VARIABLE');
      assert.match(error.message, /pin.*msg\.payload\.pin/);
      assert.deepEqual(board.sources, []);
    });
  });

  describe('when the code raises an exception', () => {
    it("gives a catch node the exception's line, the traceback, and what was printed before", async () => {
      await startBoard('shed', async ({ print }) => {
        await print('so far so good\n');
        throw traceback("NameError: name 'x' isn't defined");
      });
      await start();
      const { error, topic } = await fail({ topic: 'kept' });
      assert.equal(error.message, "NameError: name 'x' isn't defined");
      assert.match(error.stack ?? '', /^Traceback \(most recent call last\):\n.*\nNameError/s);
      assert.equal(error.cause.traceback, error.stack);
      assert.equal(error.cause.output, 'so far so good\n');
      assert.equal(error.cause.board, 'shed');
      assert.equal(error.code, 'BOARD_EXCEPTION');
      assert.equal(error.source.id, 'eval');
      assert.equal(topic, 'kept');
    });

    it('shows it in red, and goes on with the next message', async () => {
      let count = 0;
      await startBoard('shed', () => {
        count += 1;
        if (count === 1) throw traceback('ValueError: no');
        return '2';
      });
      await start();
      await fail();
      const shown = await status('eval', ({ fill }) => fill === 'red');
      assert.equal(shown.text, 'ValueError');
      assert.equal((await ask()).payload, 2);
    });
  });

  describe('with a list of boards', () => {
    it('sends one message for each, and lets those that fail not stop the others', async () => {
      await startBoard('shed', () => "'shed here'");
      await startBoard('barn', () => {
        throw traceback('OSError: 5');
      });
      await startBoard('mill', () => "'mill here'");
      await start({ board: 'board', boardType: 'msg' });
      const answers = nextMany('out', 2);
      const caught = next('caught');
      node('eval').receive({ board: ['shed', 'barn', 'mill'], topic: 'all' });
      const byBoard = Object.fromEntries((await answers).map((msg) => [msg.board, msg.payload]));
      assert.deepEqual(byBoard, { shed: 'shed here', mill: 'mill here' });
      const { board, error } = (await caught) as Caught;
      assert.equal(board, 'barn');
      assert.equal(error.message, 'OSError: 5');
    });

    it('ends the message once, when the last board has answered', async () => {
      let release = () => {};
      const slow = new Promise<void>((resolve) => {
        release = resolve;
      });
      await startBoard('shed', () => '1');
      await startBoard('barn', async () => {
        await slow;
        return '2';
      });
      const complete = [
        {
          id: 'complete',
          type: 'complete',
          z: 'tab',
          scope: ['eval'],
          x: 1,
          y: 1,
          wires: [['ended']],
        },
        { id: 'ended', type: 'helper', z: 'tab', x: 1, y: 1, wires: [] },
      ];
      const settings = evalNode({ board: 'board', boardType: 'msg' });
      await loadFlow([...surroundings(), ...complete, serverNode(broker.url), settings] as never);
      await status('eval', connected);
      let ended = 0;
      node('ended').on('input', () => {
        ended += 1;
      });
      const first = next('out');
      node('eval').receive({ board: ['shed', 'barn'] });
      await first;
      assert.equal(ended, 0);
      const end = next('ended');
      release();
      await end;
      assert.equal(ended, 1);
    });
  });

  describe('with many messages', () => {
    it('handles those for one board one at a time, in order', async () => {
      let atOnce = 0;
      let most = 0;
      const board = await startBoard('shed', async ({ source }) => {
        atOnce += 1;
        most = Math.max(most, atOnce);
        await new Promise((resolve) => setTimeout(resolve, 20 - Number(source)));
        atOnce -= 1;
        return source;
      });
      await start({ sourceType: 'msg', source: 'payload' });
      const answers = nextMany('out', 5);
      for (let n = 0; n < 5; n++) node('eval').receive({ payload: `${n}` });
      assert.deepEqual(
        (await answers).map(({ payload }) => payload),
        [0, 1, 2, 3, 4],
      );
      assert.deepEqual(board.sources, ['0', '1', '2', '3', '4']);
      assert.equal(most, 1);
    });

    it('lets different boards work side by side', async () => {
      const arrived: string[] = [];
      let release = () => {};
      const both = new Promise<void>((resolve) => {
        release = resolve;
      });
      const program = (name: string) => async () => {
        arrived.push(name);
        if (arrived.length === 2) release();
        await both;
        return '1';
      };
      await startBoard('shed', program('shed'));
      await startBoard('barn', program('barn'));
      await start({ board: 'board', boardType: 'msg' });
      const answers = nextMany('out', 2);
      node('eval').receive({ board: 'shed' });
      node('eval').receive({ board: 'barn' });
      await answers;
    });

    it('does not take more than fifty that wait for one board', async () => {
      await startBoard('shed', async ({ cancelled }) => {
        await cancelled;
        return '1';
      });
      await start();
      const caught = next('caught');
      for (let n = 0; n < 52; n++) node('eval').receive({ payload: n });
      const { error, payload } = (await caught) as Caught;
      assert.equal(error.code, 'QUEUE_FULL');
      assert.equal(payload, 51);
    });

    it('cancels what runs and what waits, on msg.cancel', async () => {
      let cancels = 0;
      let running = () => {};
      const runs = new Promise<void>((resolve) => {
        running = resolve;
      });
      const board = await startBoard('shed', async ({ source, cancelled }) => {
        if (source !== 'wait') return '1';
        running();
        await cancelled;
        cancels += 1;
        return '';
      });
      await start({ sourceType: 'msg', source: 'payload' });
      const caught = nextMany('caught', 2) as Promise<Caught[]>;
      node('eval').receive({ payload: 'wait' });
      node('eval').receive({ payload: 'wait' });
      await runs;
      node('eval').receive({ cancel: true });
      assert.deepEqual(
        (await caught).map(({ error }) => error.code),
        ['ABORTED', 'ABORTED'],
      );
      assert.equal((await ask({ payload: '1' })).payload, 1);
      assert.deepEqual(board.sources, ['wait', '1']);
      assert.equal(cancels, 1);
    });
  });

  describe('with live output', () => {
    it('sends each printed line out of the second output while the code runs', async () => {
      let release = () => {};
      const followed = new Promise<void>((resolve) => {
        release = resolve;
      });
      await startBoard('shed', async ({ print }) => {
        await print('step 1\nst');
        await print('ep 2\n');
        await followed;
        await print('no line feed');
        return '';
      });
      await start({ live: true, outputs: 2 });
      const first = nextMany('live', 2);
      const result = next('out');
      node('eval').receive({ topic: 'loop' });
      assert.deepEqual(
        (await first).map(({ payload, topic, board }) => [payload, topic, board]),
        [
          ['step 1', 'loop', 'shed'],
          ['step 2', 'loop', 'shed'],
        ],
      );
      const last = next('live');
      release();
      assert.equal((await last).payload, 'no line feed');
      assert.equal((await result).payload, 'step 1\nstep 2\nno line feed');
    });
  });

  describe('that is deployed anew while its code runs', () => {
    it('cancels it on the board, reports no error, and sends nothing of it later', async () => {
      let running = () => {};
      const runs = new Promise<void>((resolve) => {
        running = resolve;
      });
      let ended = () => {};
      const end = new Promise<void>((resolve) => {
        ended = resolve;
      });
      await startBoard('shed', async ({ source, cancelled }) => {
        if (source === 'new') return "'new'";
        running();
        await cancelled;
        ended();
        return "'old'";
      });
      // A second node keeps the connection open.
      const others = [...surroundings(), serverNode(broker.url), evalNode({ id: 'second' })];
      await loadFlow([...others, evalNode({ code: 'old' })] as never);
      await status('eval', connected);
      const arrived: unknown[] = [];
      for (const id of ['out', 'caught']) {
        node(id).on('input', ({ payload }) => arrived.push(payload));
      }
      node('eval').receive({});
      await runs;
      await deployModified([...others, evalNode({ code: 'new' })] as never);
      await end;
      await status('eval', connected);
      await ask();
      assert.deepEqual(arrived, ['new']);
    });

    it('leaves the broker when it is removed', async () => {
      const board = await startBoard('shed', async ({ cancelled }) => {
        await cancelled;
        return '1';
      });
      await start();
      node('eval').receive({});
      await helper.unload();
      assert.equal(broker.clients.length, 1, 'only the board is left');
      await board.stop();
    });
  });

  describe('that is not set up well', () => {
    const cases: Array<[name: string, settings: object, msg: object, code: string, says: RegExp]> =
      [
        ['an empty board', { board: '' }, {}, 'NO_BOARD', /Board.*empty/],
        [
          'a board that is missing in the message',
          { boardType: 'msg', board: 'board' },
          {},
          'NO_BOARD',
          /msg\.board is empty/,
        ],
        [
          'a board that is a number',
          { boardType: 'msg', board: 'board' },
          { board: 7 },
          'NO_BOARD',
          /number/,
        ],
        [
          'an empty list of boards',
          { boardType: 'msg', board: 'board' },
          { board: [] },
          'NO_BOARD',
          /empty list/,
        ],
        [
          'a list that holds no names',
          { boardType: 'msg', board: 'board' },
          { board: ['shed', null] },
          'NO_BOARD',
          /null/,
        ],
        ['a board with a wildcard', { board: 'esp32/+' }, {}, 'BAD_PREFIX', /\+/],
        ['a board that ends with a slash', { board: 'shed/' }, {}, 'BAD_PREFIX', /"\/"/],
        ['no code', { code: ' \n' }, {}, 'NO_CODE', /no Python code/],
        [
          'code that is missing in the message',
          { sourceType: 'msg', source: 'payload' },
          {},
          'NO_CODE',
          /msg\.payload is missing/,
        ],
        [
          'code that is a number',
          { sourceType: 'msg', source: 'payload' },
          { payload: 1 },
          'NO_CODE',
          /number/,
        ],
        ['a timeout that is no number', { timeout: 'soon' }, {}, 'BAD_SETTINGS', /soon/],
        [
          'a result that has no place',
          { result: 'topic.value' },
          { topic: 'text' },
          'BAD_RESULT',
          /topic\.value/,
        ],
        [
          'a variable with a name that Python does not have',
          { variables: [{ name: '1st', type: 'num', value: '1' }] },
          {},
          'BAD_VARIABLE',
          /1st/,
        ],
      ];

    for (const [name, settings, msg, code, says] of cases) {
      it(`says so for ${name}`, async () => {
        await startBoard('shed', () => '1');
        await start(settings);
        const { error } = await fail(msg);
        assert.equal(error.code, code);
        assert.match(error.message, says);
        const shown = await status('eval', ({ fill }) => fill === 'red');
        assert.ok(shown.text && shown.text.length < 20, shown.text);
      });
    }

    it('says that its server is missing, and shows it at once', async () => {
      await loadFlow([...surroundings(), evalNode()] as never);
      assert.deepEqual(lastStatus('eval'), {
        fill: 'red',
        shape: 'ring',
        text: 'no server',
      });
      const { error } = await fail();
      assert.equal(error.code, 'NO_SERVER');
    });

    it('says so when the board does not answer in time', async () => {
      await startBoard('shed', async ({ cancelled }) => {
        await cancelled;
        return '1';
      });
      await start({ timeout: '0.3' });
      const { error } = await fail();
      assert.equal(error.code, 'BOARD_TIMEOUT');
    });
  });

  it('fails a message at once while there is no connection, and says why', async () => {
    const absent = await Broker.start();
    await absent.stop();
    await loadFlow([...surroundings(), serverNode(absent.url), evalNode()] as never);
    await status('eval', ({ text }) => text === 'node-red:common.status.disconnected');
    const { error } = await fail();
    assert.equal(error.code, 'NOT_CONNECTED');
    assert.match(error.message, /nothing listens on that port/);
  });

  it('still answers after a deploy of modified nodes that changed only this node', async () => {
    await startBoard('shed', ({ source }) => source);
    await start();
    const changed = evalNode({ code: '922' });
    await deployModified([...surroundings(), serverNode(broker.url), changed] as never);
    await status('eval', connected);
    assert.equal((await ask()).payload, 922);
  });
});
