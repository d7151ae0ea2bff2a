import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type Board, BoardError, BoardTimeoutError, OutputLostError } from '../../core/index';
import { type ReplyV1, ScriptedV1Board } from '../support/scripted-v1-board';
import { errorOf, Workbench } from './support';

const PREFIX = 'old/board';
const hex = (text: string) => Buffer.from(text).toString('hex');

describe('A command by version 1', () => {
  const bench = new Workbench();
  let remote: ScriptedV1Board;
  let board: Board;
  afterEach(() => bench.clear());

  async function answering(reply: ReplyV1): Promise<void> {
    const broker = await bench.broker();
    remote = await ScriptedV1Board.start(broker.url, PREFIX, reply);
    bench.keep(remote, () => remote.stop());
    board = bench.board(await bench.connected(broker.url), PREFIX);
  }

  it('is what a board without a birth message is sent, after half a second', async () => {
    await answering({ out: [`ffff${hex('921')}`] });
    const command = once(remote, 'command');
    const result = await board.eval('45+876');
    const [topic, payload] = (await command) as [string, Buffer];
    assert.match(topic, /^old\/board\/mqb\/cmd\/eval\/[\w-]{8}$/);
    assert.equal(payload.toString('hex'), `8000${hex('45+876')}`);
    assert.deepEqual([result.text, result.value, result.hasValue], ['921', 921, true]);
    assert.ok(result.elapsedMs >= 490);
  });

  it('waits for a birth message at first contact only', async () => {
    await answering({ out: [`ffff${hex('921')}`] });
    await board.eval('1');
    assert.ok((await board.eval('2')).elapsedMs < 400);
  });

  it('has no value when the reply is empty', async () => {
    await answering({ out: ['ffff'] });
    const { hasValue, value, text } = await board.eval('a=1');
    assert.deepEqual([hasValue, value, text], [false, undefined, '']);
  });

  it('ends with the text that the board reports as an error', async () => {
    await answering({ err: 'Traceback:\nValueError: no' });
    const error = await errorOf(board.eval('1'));
    assert.ok(error instanceof BoardError);
    assert.equal(error.traceback, 'Traceback:\nValueError: no');
  });

  it('keeps what the board sent of the output before an exception', async () => {
    await answering({ out: [`0000${hex('before\n')}`], err: 'ValueError: no' });
    const error = await errorOf(board.eval('1'));
    assert.equal((error as BoardError).output, 'before\n');
  });

  it('puts numbered messages together, and drops those that come again', async () => {
    const messages = [
      `0000${hex("'a")}`,
      `0001${hex('b')}`,
      `0000${hex("'a")}`,
      `8002${hex("c'")}`,
    ];
    await answering({ out: messages });
    assert.equal((await board.eval('1')).value, 'abc');
  });

  it('ends with an error when a numbered message is missing', async () => {
    await answering({ out: [`0000${hex('a')}`, `8002${hex('c')}`] });
    assert.ok((await errorOf(board.eval('1'))) instanceof OutputLostError);
  });

  it('does not take an acknowledgement, or what has no header, for the reply', async () => {
    await answering({ out: [`ffff${hex('SEQ 8')}`, 'ff', `ffff${hex('1')}`] });
    assert.equal((await board.eval('1')).value, 1);
  });

  it('refuses variables, because this version cannot carry them', async () => {
    await answering({ out: ['ffff'] });
    await board.eval('1');
    const error = await errorOf(board.eval('x', { variables: { x: 1 } }));
    assert.equal(error.code, 'VARIABLES_NOT_SPOKEN');
    assert.equal(remote.commands.length, 1);
  });

  it('says of a board of which nothing was ever heard that nothing is known of it', async () => {
    const broker = await bench.broker();
    board = bench.board(await bench.connected(broker.url), 'no/such/board');
    for (const options of [{ timeoutMs: 700 }, { variables: { x: 1 } }]) {
      const error = await errorOf(board.eval('1', options));
      assert.equal(error.code, 'BOARD_UNKNOWN');
      assert.match(
        error.message,
        /^Nothing is known of a board no\/such\/board: .* switched on\?$/,
      );
    }
    assert.match((await errorOf(board.eval('1', { variables: { x: 1 } }))).message, /version 1/);
  });

  it('ends when its time is up, and is not sent twice', async () => {
    await answering({ out: [] });
    const error = await errorOf(board.eval('1', { timeoutMs: 1800 }));
    assert.ok(error instanceof BoardTimeoutError);
    assert.equal(remote.commands.length, 1);
  });

  it('ends when its caller gives up', async () => {
    await answering({ out: [] });
    const caller = new AbortController();
    remote.on('command', () => caller.abort());
    assert.equal((await errorOf(board.eval('1', { signal: caller.signal }))).code, 'ABORTED');
  });

  it('is left behind as soon as the board says that it understands version 2', async () => {
    await answering({ out: [`ffff${hex('1')}`] });
    await board.eval('1');
    const broker = await bench.broker();
    const connection = await bench.connected(broker.url);
    const young = bench.board(connection, 'new/board');
    await errorOf(young.eval('1', { timeoutMs: 600 }));
    const scripted = await bench.scripted(broker.url, 'new/board');
    await young.eval('2');
    assert.deepEqual(scripted.ran, ['2']);
  });
});
