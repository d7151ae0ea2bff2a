import assert from 'node:assert/strict';
import { Board, Connection } from '../../core/index';
import { Broker } from '../../demo/broker';
import { VirtualBoard } from '../../simulator';

/** On the unix port, whose heap has an end. */
describe('A board whose heap is full', () => {
  let broker: Broker;
  let virtual: VirtualBoard;
  let connection: Connection;
  let board: Board;

  before(async () => {
    broker = await Broker.start();
    const prefix = 'full/heap';
    virtual = new VirtualBoard({ url: broker.url, prefix, runtime: 'unix', heap: '280k' });
    await virtual.start();
    await virtual.waitForLine(/ready for commands/);
    connection = new Connection({ url: broker.url });
    const connected = new Promise<void>((resolve) => connection.once('connected', () => resolve()));
    connection.open();
    await connected;
    board = new Board(connection, prefix);
  });

  after(async () => {
    board.close();
    await connection.close();
    await virtual.stop();
    await broker.stop();
  });

  for (const [what, source] of [
    ['one large piece of memory', '"x" * 1000000'],
    ['many small pieces', 'x = None\nwhile True: x = (x,)'],
    [
      'many small pieces, while it awaits',
      'await asyncio.sleep(0)\nx = None\nwhile True: x = (x,)',
    ],
    ['deep recursion', 'def f(n): return f(n + 1) + [n]\nf(0)'],
  ] as const) {
    it(`reports it and goes on: ${what}`, async () => {
      await assert.rejects(board.eval(source), /MemoryError|RuntimeError: maximum recursion/);
      assert.equal((await board.eval('45+876')).value, 921);
    });
  }

  it('tells an exception whose text leaves no memory for a copy', async () => {
    for (const source of [
      'raise ValueError("x" * 60000)',
      'await asyncio.sleep(0)\nraise ValueError("x" * 60000)',
    ]) {
      await assert.rejects(board.eval(source), /^BoardError: ValueError: x{60000}$/);
    }
  });

  it('forgets the variables of commands rather than to be deaf, and says so', async () => {
    await board.eval('kept = 1');
    await assert.rejects(board.eval('hoard = None\nwhile True: hoard = (hoard,)'), /MemoryError/);
    await virtual.waitForLine(/memory was full: the variables of all commands are forgotten/);
    assert.equal((await board.eval('"kept" in globals()')).value, false);
    assert.equal((await board.eval('"board" in globals() and "mqtt" in globals()')).value, true);
  });

  it('streams output and values that are larger than its memory', async () => {
    const { output } = await board.eval('for i in range(300): print("0123456789" * 100)', {
      timeoutMs: 30_000,
    });
    assert.equal(output, `${'0123456789'.repeat(100)}\n`.repeat(300));
    const { text } = await board.eval('["0123456789" * 100] * 300', { timeoutMs: 30_000 });
    assert.equal(text.length, 300 * 1004);
  });
});
