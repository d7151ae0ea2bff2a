import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectAsync } from 'mqtt';
import { python } from '../../core/board/v1/python';
import { type Board, type BoardFileError, BoardRefusedError } from '../../core/index';
import type { Broker } from '../../demo/broker';
import { VirtualBoard } from '../../simulator';
import { sha256 } from '../support/contents';
import { ScriptedV1Board } from '../support/scripted-v1-board';
import { errorOf, Workbench } from './support';

const PREFIX = 'old/board';

describe('The files of a board of version 1', () => {
  const bench = new Workbench();
  let broker: Broker;
  let board: Board;

  /** Our own board, with a birth message that hides that it understands more. */
  before(async () => {
    broker = await bench.broker();
    const client = await connectAsync(broker.url);
    bench.keep(client, () => client.endAsync(true));
    const virtual = new VirtualBoard({ url: broker.url, prefix: PREFIX });
    bench.keep(virtual, () => virtual.stop());
    const announced = new Promise((resolve) => client.on('message', resolve));
    await client.subscribeAsync(`${PREFIX}/mqb/info`);
    await virtual.start();
    await announced;
    await client.publishAsync(`${PREFIX}/mqb/info`, '{"wire": 1}', { retain: true });
    board = bench.board(await bench.connected(broker.url), PREFIX);
  });
  after(() => bench.clear());

  it('are put and got by its messages, in folders that are made for them', async () => {
    const data = randomBytes(20_000);
    const put = await board.put('/some/new folder/ä.bin', data, { parents: true });
    assert.deepEqual(
      [put.size, put.sha256, put.wireBytes, put.unchanged],
      [20_000, sha256(data), 20_000, false],
    );
    const got = await board.get('/some/new folder/ä.bin');
    assert.deepEqual(got.data, data);
    assert.deepEqual((await board.put('/some/new folder/ä.bin', data)).unchanged, true);
  });

  it('replace what was there, and leave nothing else', async () => {
    await board.put('/x/a.py', Buffer.from('old'), { parents: true });
    await board.put('/x/a.py', Buffer.alloc(0));
    assert.equal((await board.get('/x/a.py')).data?.length, 0);
    await board.put('/x/a.py', Buffer.from('new'));
    const entries = await board.list('/x', { hash: true });
    const hash = sha256(Buffer.from('new'));
    assert.deepEqual(entries, [{ path: '/x/a.py', type: 'file', size: 3, sha256: hash }]);
    assert.deepEqual(await board.list('/x/a.py', { hash: true }), entries);
  });

  it('are listed with what is below, measured and hashed', async () => {
    await board.mkdir('/tree/one/two', { parents: true });
    await board.put('/tree/one/f', Buffer.from('abc'));
    const deep = await board.list('/tree', { recursive: true });
    assert.deepEqual(deep.map(({ path, type }) => `${path} ${type}`).sort(), [
      '/tree/one folder',
      '/tree/one/f file',
      '/tree/one/two folder',
    ]);
    assert.equal((await board.list('/tree')).length, 1);
    const { type, size } = await board.stat('/tree/one/f');
    assert.deepEqual([type, size], ['file', 3]);
    const folder = await board.stat('/');
    assert.ok(folder.type === 'folder' && (folder.free ?? 0) > 0);
    const { sha256: hash } = await board.hash('/tree/one/f');
    assert.equal(hash, sha256(Buffer.from('abc')));
  });

  it('are moved and removed', async () => {
    await board.put('/from', Buffer.from('abc'));
    await board.rename('/from', '/it\'s "to"');
    assert.equal(await board.remove('/it\'s "to"'), 1);
    await board.mkdir('/gone/deep', { parents: true });
    await board.put('/gone/deep/f', Buffer.from('abc'));
    const notEmpty = (await errorOf(board.remove('/gone', { what: 'folder' }))) as BoardFileError;
    assert.equal(notEmpty.reason, 'notempty');
    assert.equal(await board.remove('/gone', { what: 'all' }), 3);
  });

  it('fail with the reason', async () => {
    await board.mkdir('/folder');
    await board.put('/file', Buffer.from('abc'));
    const reason = async (promise: Promise<unknown>) =>
      ((await errorOf(promise)) as BoardFileError).reason;
    assert.equal(await reason(board.get('/none')), 'missing');
    assert.equal(await reason(board.stat('/none')), 'missing');
    assert.equal(await reason(board.put('/none/a', Buffer.from('a'))), 'parent');
    assert.equal(await reason(board.put('/folder', Buffer.from('a'))), 'folder');
    assert.equal(await reason(board.mkdir('/folder')), 'exists');
    assert.equal(await reason(board.mkdir('/no/folder')), 'parent');
    assert.equal(await reason(board.remove('/folder')), 'folder');
    assert.equal(await reason(board.remove('/file', { what: 'folder' })), 'file');
    assert.equal(await reason(board.rename('/file', '/folder')), 'folder');
    assert.equal(await reason(board.get('/a+b')), 'name');
    assert.equal(await reason(board.put('/a#b', Buffer.from('a'))), 'name');
  });

  it('keep what was there when what arrived is not what was sent', async () => {
    await board.put('/safe', Buffer.from('old'));
    await board.put('/safe.mqb~', Buffer.from('half of it'));
    const { text } = await board.eval(
      python.finish('/safe.mqb~', '/safe', sha256(Buffer.from('new'))),
    );
    assert.deepEqual(JSON.parse(text), { good: false });
    assert.equal((await board.get('/safe')).data?.toString(), 'old');
    const error = (await errorOf(board.stat('/safe.mqb~'))) as BoardFileError;
    assert.equal(error.reason, 'missing');
  });

  it('keep what was there when a put is given up in the middle', async () => {
    await board.put('/kept', Buffer.from('old'));
    const caller = new AbortController();
    const onProgress = ({ bytes }: { bytes: number }) => bytes > 30_000 && caller.abort();
    const put = board.put('/kept', randomBytes(60_000), { signal: caller.signal, onProgress });
    assert.equal((await errorOf(put)).code, 'ABORTED');
    assert.equal((await board.get('/kept')).data?.toString(), 'old');
  });
});

describe('A put by version 1', () => {
  const bench = new Workbench();
  afterEach(() => bench.clear());
  const hex = (text: string) => Buffer.from(text).toString('hex');
  const printed = (text: string) => ({ out: [`ffff${hex(text)}`] });

  /** Puts `size` bytes on a board that says `SEQ n` as ours does, or never. */
  async function put(size: number, acknowledges: boolean) {
    const broker = await bench.broker();
    const seen = { messages: 0, acknowledged: 0, ahead: 0, evals: [] as string[] };
    const remote = await ScriptedV1Board.start(broker.url, PREFIX, (command, payload) => {
      const text = payload.toString('utf8', 2);
      if (command === 'eval') {
        seen.evals.push(text);
        return printed(text.includes('same') ? '{"same": false}' : '{"good": true}');
      }
      const header = payload.readUInt16BE();
      const sequence = header & 0x7fff;
      seen.messages++;
      seen.ahead = Math.max(seen.ahead, sequence - seen.acknowledged);
      if (header & 0x8000) return printed('OK');
      if (!acknowledges || sequence === 0 || sequence % 8 !== 0) return undefined;
      // As a board that writes to its flash first.
      return sleep(2).then(() => {
        seen.acknowledged = sequence;
        return printed(`SEQ ${sequence}`);
      });
    });
    bench.keep(remote, () => remote.stop());
    const board = bench.board(await bench.connected(broker.url), PREFIX);
    return { seen, outcome: board.put('/a', randomBytes(size)) };
  }

  it('is at most 16 messages ahead of a board that acknowledges', async () => {
    const { seen, outcome } = await put(1_500_000, true);
    await outcome;
    assert.equal(seen.messages, Math.ceil(1_500_000 / 1400));
    assert.ok(seen.ahead <= 16, `${seen.ahead}`);
  });

  it('goes on without acknowledgements while a broker can keep all of it', async () => {
    const { seen, outcome } = await put(100_000, false);
    await outcome;
    assert.equal(seen.messages, Math.ceil(100_000 / 1400));
  });

  it('is refused where a broker would lose some of it, and cleared away', async () => {
    const { seen, outcome } = await put(1_500_000, false);
    const error = await errorOf(outcome);
    assert.ok(error instanceof BoardRefusedError);
    assert.match(error.message, /Update its firmware/);
    assert.equal(seen.messages, 16);
    assert.match(seen.evals.at(-1) ?? '', /remove/);
  });

  it('has all its time when the turn comes, however long the one before it took', async () => {
    const broker = await bench.broker();
    let free = (_answer: object) => {};
    const held = new Promise<object>((resolve) => {
      free = resolve;
    });
    const remote = await ScriptedV1Board.start(broker.url, PREFIX, (command, payload) => {
      const text = payload.toString('utf8', 2);
      if (command === 'put') return text === 'first' ? held : printed('OK');
      return printed(text.includes('same') ? '{"same": false}' : '{"good": true}');
    });
    bench.keep(remote, () => remote.stop());
    const board = bench.board(await bench.connected(broker.url), PREFIX);
    const first = board.put('/a', Buffer.from('first'));
    const second = board.put('/b', Buffer.from('second'), { timeoutMs: 800 });
    setTimeout(() => free(printed('OK')), 1500);
    await Promise.all([first, second]);
  });

  it('says of a board of which nothing was ever heard that nothing is known of it', async () => {
    const broker = await bench.broker();
    const board = bench.board(await bench.connected(broker.url), 'no/such/board');
    const error = await errorOf(board.put('/a', randomBytes(10), { timeoutMs: 700 }));
    assert.equal(error.code, 'BOARD_UNKNOWN');
  });
});
