import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import type { Board, Connection } from '../../core/index';
import type { Broker } from '../../demo/broker';
import type { Behaviour, ScriptedBoard } from '../support/scripted-board';
import { errorOf, Workbench } from './support';

const PREFIX = 'shed/1';
const sha256 = (data: Buffer) => createHash('sha256').update(data).digest('hex');

describe('The files of a board', () => {
  const bench = new Workbench();
  let broker: Broker;
  let connection: Connection;
  let remote: ScriptedBoard;
  let board: Board;

  async function withBoard(behaviour: Behaviour = {}): Promise<void> {
    broker = await bench.broker();
    remote = await bench.scripted(broker.url, PREFIX, behaviour);
    connection = await bench.connected(broker.url);
    board = bench.board(connection, PREFIX);
  }

  afterEach(() => bench.clear());

  it('are put whole with the command while they are small', async () => {
    await withBoard();
    const data = Buffer.from('print(1)\n');
    const { elapsedMs, ...result } = await board.put('/a.py', data);
    assert.deepEqual(remote.files.content.get('/a.py'), data);
    assert.deepEqual(result, {
      path: '/a.py',
      size: 9,
      sha256: sha256(data),
      wireBytes: 9,
      compressed: false,
      resumedAt: 0,
      unchanged: false,
    });
    assert.equal(remote.count('d'), 0);
  });

  it('are put by frames, and got again', async () => {
    await withBoard();
    const data = randomBytes(100_000);
    const result = await board.put('/a', data);
    assert.deepEqual(remote.files.content.get('/a'), data);
    assert.equal(result.wireBytes, data.length);
    const back = await board.get('/a');
    assert.deepEqual(back.data, data);
    assert.equal(back.sha256, sha256(data));
  });
});
