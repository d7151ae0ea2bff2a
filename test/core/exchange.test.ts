import assert from 'node:assert/strict';
import { type EventEmitter, once } from 'node:events';
import {
  type Board,
  BoardError,
  BoardOfflineError,
  BoardRefusedError,
  BoardRestartedError,
  BoardTimeoutError,
  type Connection,
  OutputLostError,
} from '../../core/index';
import type { Broker } from '../../demo/broker';
import type { Behaviour, ScriptedBoard } from '../support/scripted-board';
import { errorOf, Workbench } from './support';

const PREFIX = 'shed/1';

describe('A command by version 2', () => {
  const bench = new Workbench();
  let broker: Broker;
  let connection: Connection;
  let remote: ScriptedBoard;
  let board: Board;

  async function withBoard(behaviour: Behaviour = {}): Promise<void> {
    ({ broker, remote, connection, board } = await bench.scene(PREFIX, behaviour));
  }

  afterEach(() => bench.clear());

  it('brings the value back, as text and as a value', async () => {
    await withBoard({ runs: () => ({ value: "{'a': [1, b'\\xff']}" }) });
    const result = await board.eval('a');
    assert.equal(result.text, "{'a': [1, b'\\xff']}");
    assert.deepEqual(result.value, { a: [1, Buffer.from([255])] });
    assert.equal(result.hasValue, true);
    assert.ok(result.elapsedMs > 0);
  });

  it('brings back what statements print, while it is printed', async () => {
    const euro = Buffer.from('€\n');
    await withBoard({
      runs: () => ({ output: ['a\n', euro.subarray(0, 2), euro.subarray(2)], value: '' }),
    });
    const pieces: string[] = [];
    const result = await board.eval('print()', { onOutput: (text) => pieces.push(text) });
    assert.deepEqual(pieces, ['a\n', '€\n']);
    assert.deepEqual([result.output, result.text], ['a\n€\n', 'a\n€\n']);
    assert.deepEqual([result.hasValue, result.value], [false, undefined]);
  });

  it('ends with the traceback, and what was printed before it', async () => {
    const traceback = 'Traceback (most recent call last):\n  File "x"\nValueError: no\n';
    await withBoard({ runs: () => ({ output: ['before'], exception: traceback }) });
    const error = await errorOf(board.eval('x'));
    assert.ok(error instanceof BoardError);
    assert.deepEqual([error.message, error.badge], ['ValueError: no', 'ValueError']);
    assert.deepEqual([error.traceback, error.output], [traceback, 'before']);
  });

  it('ends with the exception alone when writing the value failed', async () => {
    const exception = 'Traceback (most recent call last):\n  File "x"\nE: two\nlines\n';
    await withBoard({ runs: () => ({ output: ['before'], value: "['half", exception }) });
    const error = await errorOf(board.eval('x'));
    assert.equal(error.message, 'E: two');
    assert.deepEqual(
      [(error as BoardError).traceback, (error as BoardError).output],
      [exception, 'before'],
    );
  });

  it('tells how far it has come', async () => {
    await withBoard({ runs: () => ({ output: ['x'], value: '1' }) });
    const steps: string[] = [];
    await board.eval('1', { onProgress: (step) => steps.push(step) });
    assert.deepEqual(steps, ['waiting', 'sent', 'running']);
  });

  it('is sent with its variables as data, and with the boot and the time it is meant for', async () => {
    let line: Record<string, unknown> = {};
    await withBoard({
      runs: (_source, got) => {
        line = got;
        return { value: '1' };
      },
    });
    await board.eval('x', { variables: { x: '"\n', raw: Buffer.from('a') }, timeoutMs: 7000 });
    const { until, ...rest } = line;
    const vars = { x: '"\n', raw: { $mqb: 'bytes', v: 'YQ==' } };
    assert.deepEqual(rest, { do: 'eval', boot: 1000, vars, tagged: true });
    assert.ok(Number(until) > 5000 && Number(until) <= 12000, `${until}`);
  });

  it('says hello once, for all commands on one connection', async () => {
    await withBoard();
    await Promise.all([board.eval('1'), board.eval('2')]);
    await board.eval('3');
    assert.equal(remote.count('h'), 1);
  });

  it('says hello again after a reconnect', async () => {
    await withBoard();
    await board.eval('1');
    broker.dropConnections();
    await once(connection, 'connected');
    await board.eval('2');
    assert.equal(remote.count('h'), 2);
  });

  it('repeats a hello that was lost', async () => {
    await withBoard({ ignoresHellos: 1 });
    assert.equal((await board.eval('1')).value, 921);
    assert.equal(remote.count('h'), 2);
  });

  it('is repeated to a board that is deaf for the first command, and runs once', async () => {
    await withBoard({ deafFor: 1 });
    assert.equal((await board.eval('1')).value, 921);
    assert.deepEqual([remote.count('c'), remote.ran.length], [2, 1]);
  });

  it('is cut into the parts that the board takes, in order', async () => {
    await withBoard({ chunk: 100 });
    const source = 'x'.repeat(1000);
    await board.eval(source);
    const offsets = remote.heard.filter(({ kind }) => kind === 'c').map(({ n }) => n);
    assert.deepEqual(
      offsets,
      [...offsets].sort((a, b) => a - b),
    );
    assert.ok(offsets.length >= 10);
    assert.deepEqual(remote.ran, [source]);
  });

  it('sends a part again that the board wants', async () => {
    await withBoard({ chunk: 100, losesPartAt: 200 });
    const source = 'x'.repeat(500);
    await board.eval(source);
    assert.deepEqual(remote.ran, [source]);
    const offsets = remote.heard.filter(({ kind }) => kind === 'c').map(({ n }) => n);
    assert.equal(offsets.at(-1), 200);
    assert.equal(offsets.filter((offset) => offset === 0).length, 1, 'nothing else came again');
  });

  it('is refused here when the board could not take it', async () => {
    await withBoard({ info: { max: 200 } });
    const error = await errorOf(board.eval('x'.repeat(200)));
    assert.ok(error instanceof BoardRefusedError);
    assert.equal(error.reason, 'large');
    assert.equal(remote.count('c'), 0);
  });

  it('takes each frame once from a board that answers twice', async () => {
    await withBoard({ answersTwice: true, runs: () => ({ output: ['a', 'b'], value: '1' }) });
    assert.equal((await board.eval('1')).output, 'ab');
  });

  it('asks again for a frame that was lost', async () => {
    await withBoard({ losesOnce: [1], runs: () => ({ output: ['a', 'b', 'c'], value: '1' }) });
    const started = Date.now();
    assert.equal((await board.eval('1')).output, 'abc');
    assert.ok(
      Date.now() - started < 900,
      'it asked when it saw the gap, not when its patience ended',
    );
  });

  it('asks to go on when the board stops in the middle', async () => {
    await withBoard({ stopsAfter: 2, runs: () => ({ output: ['a', 'b', 'c'], value: '1' }) });
    assert.equal((await board.eval('1')).output, 'abc');
  });

  it('is acknowledged once, behind its last frame, when nothing else is said', async () => {
    await withBoard({ runs: () => ({ output: [...'123456789'], value: '1' }) });
    const acknowledged = remote.next('a');
    const begun = Date.now();
    await board.eval('1');
    assert.equal((await acknowledged).n, 10);
    assert.ok(Date.now() - begun >= 190);
    assert.equal(remote.count('a'), 1);
  });

  it('is acknowledged at once when its board is closed', async () => {
    await withBoard();
    await board.eval('1');
    const acknowledged = remote.next('a');
    const begun = Date.now();
    board.close();
    await acknowledged;
    assert.ok(Date.now() - begun < 150);
  });

  it('ends with an error when a part of the output is gone for good', async () => {
    await withBoard({ forgets: [1], runs: () => ({ output: ['a', 'b', 'c'], value: '1' }) });
    assert.ok((await errorOf(board.eval('1'))) instanceof OutputLostError);
  });

  it('is tried again while the board is busy', async () => {
    await withBoard({ refuses: ['busy too many', 'busy too many'] });
    assert.equal((await board.eval('1')).value, 921);
  });

  it('ends with the reason for which the board refuses it', async () => {
    await withBoard({ refuses: ['bad there is no line feed'] });
    const error = await errorOf(board.eval('1'));
    assert.ok(error instanceof BoardRefusedError);
    assert.match(error.message, /there is no line feed/);
  });

  it('is sent once more, under a new number, when the board restarted before it came', async () => {
    await withBoard();
    await board.eval('1');
    await remote.restart({ quietly: true });
    assert.equal((await board.eval('2')).value, 921);
    const numbers = remote.heard.filter(({ kind }) => kind === 'c').map(({ id }) => id);
    assert.equal(new Set(numbers).size, 3);
    assert.deepEqual(remote.ran, ['1', '2']);
  });

  it('is not sent again when an earlier boot may have run it', async () => {
    await withBoard({ deafFor: 1 });
    const first = remote.next('c');
    const ending = errorOf(board.eval('1'));
    await first;
    await remote.restart({ quietly: true });
    const error = await ending;
    assert.ok(error instanceof BoardRestartedError);
    assert.match(error.message, /may have run/);
    assert.deepEqual(remote.ran, []);
  });

  it('ends when the board announces another boot in the middle', async () => {
    await withBoard({ runs: () => ({ output: ['x'] }) });
    const ending = errorOf(board.eval('1', { onOutput: () => remote.restart() }));
    assert.ok((await ending) instanceof BoardRestartedError);
  });

  it('goes on when the board was offline for a moment and is the same boot', async () => {
    await withBoard({ stopsAfter: 1, runs: () => ({ output: ['a', 'b'], value: '1' }) });
    const begun = Date.now();
    const result = await board.eval('1', {
      onOutput: (text) => {
        if (text === 'a') void remote.announce('offline').then(() => remote.announce('online'));
      },
    });
    assert.equal(result.output, 'ab');
    assert.ok(Date.now() - begun < 900, 'it asked when the board was back');
  });

  it('survives a reconnect of the host in the middle', async () => {
    await withBoard({ stopsAfter: 1, runs: () => ({ output: ['a', 'b'], value: '1' }) });
    const result = await board.eval('1', {
      onOutput: (text) => text === 'a' && broker.dropConnections(),
    });
    assert.equal(result.output, 'ab');
    assert.deepEqual(remote.ran, ['1']);
  });

  it('survives a broker that dies in the middle and returns', async () => {
    await withBoard({ stopsAfter: 1, runs: () => ({ output: ['a', 'b'], value: '1' }) });
    let outage: Promise<void> | undefined;
    const result = await board.eval('1', {
      onOutput: (text) => {
        if (text === 'a') outage = broker.restart();
      },
    });
    await outage;
    assert.equal(result.output, 'ab');
  });

  it('is not sent to a board that is offline', async () => {
    await withBoard();
    await remote.announce('offline');
    assert.ok((await errorOf(board.eval('1'))) instanceof BoardOfflineError);
    await remote.announce('online');
    assert.equal((await board.eval('1')).value, 921);
    assert.equal(remote.ran.length, 1);
  });

  it('is not sent to a board that sleeps, of which a host that has just come says for how long', async () => {
    await withBoard({ info: { wake: { every: 900, awake: 60 } } });
    await remote.announce('offline');
    assert.match((await errorOf(board.eval('1'))).message, /sleeps: for 900 s/);
  });

  it('is cancelled on the board when its time is up, and says that it ran', async () => {
    await withBoard({ runs: () => ({ output: [] }) });
    const cancelled = remote.next('x');
    const error = await errorOf(board.eval('1', { timeoutMs: 300 }));
    await cancelled;
    assert.ok(error instanceof BoardTimeoutError);
    assert.match(error.message, /accepted the command 0\.\d s ago and is still running/);
  });

  it('is cancelled on the board when its caller gives up', async () => {
    await withBoard({ runs: () => ({ output: ['x'] }) });
    const caller = new AbortController();
    const cancelled = remote.next('x');
    const options = { signal: caller.signal, onOutput: () => caller.abort() };
    assert.equal((await errorOf(board.eval('1', options))).code, 'ABORTED');
    await cancelled;
  });

  it('is cancelled on the board when a listener of the caller throws', async () => {
    await withBoard({ runs: () => ({ output: ['x'] }) });
    const cancelled = remote.next('x');
    const onOutput = () => {
      throw new RangeError('too much for me');
    };
    assert.equal((await errorOf(board.eval('1', { onOutput }))).message, 'too much for me');
    await cancelled;
  });

  it('says that nothing was heard, and when the board was last seen', async () => {
    await withBoard({ deafFor: 100 });
    const retained = await errorOf(board.eval('1', { timeoutMs: 200 }));
    assert.match(retained.message, /shed\/1 .*nothing was heard.*still has it as online/);
    await remote.announce('online');
    const live = await errorOf(board.eval('1', { timeoutMs: 200 }));
    assert.match(live.message, /last seen online 0\.\d s ago/);
  });

  it('says that the board went offline, or the broker', async () => {
    await withBoard({ runs: () => ({ output: ['x'] }) });
    const offline = board.eval('1', { timeoutMs: 300, onOutput: () => remote.announce('offline') });
    assert.match((await errorOf(offline)).message, /then the board went offline/);
    await remote.announce('online');
    const gone = board.eval('1', { timeoutMs: 300, onOutput: () => broker.stop() });
    assert.match((await errorOf(gone)).message, /then the connection to the broker was lost/);
  });

  it('is refused at once without a connection', async () => {
    await withBoard();
    await connection.close();
    assert.equal((await errorOf(board.eval('1'))).code, 'NOT_CONNECTED');
  });

  it('runs beside others', async () => {
    await withBoard({ runs: (source) => ({ output: [source], value: source }) });
    const sources = Array.from({ length: 20 }, (_, index) => `${index}`);
    const results = await Promise.all(sources.map((source) => board.eval(source)));
    assert.deepEqual(
      results.map(({ output }) => output),
      sources,
    );
  });

  it('leaves no listener and no subscription behind', async () => {
    await withBoard({ runs: (source) => (source === '1' ? { value: '1' } : { output: ['x'] }) });
    await board.eval('1');
    const presence: EventEmitter = Reflect.get(board, 'presence');
    const counted = () => [connection.listenerCount('connected'), presence.listenerCount('change')];
    const before = counted();
    await board.eval('1');
    await errorOf(board.eval('2', { timeoutMs: 50 }));
    assert.deepEqual(counted(), before);
    board.close();
    assert.equal(connection.listenerCount('connected'), 0);
    assert.equal(connection.listenerCount('disconnected'), 0);
    assert.equal(connection.listenerCount('closed'), 0);
  });

  it('ends when its board is closed', async () => {
    await withBoard({ runs: () => ({ output: ['x'] }) });
    const error = await errorOf(board.eval('1', { onOutput: () => board.close() }));
    assert.equal(error.code, 'ABORTED');
  });
});
