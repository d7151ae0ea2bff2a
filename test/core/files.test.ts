import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { EventEmitter } from 'node:events';
import {
  type Board,
  BoardFileError,
  BoardOfflineError,
  BoardRefusedError,
  BoardTimeoutError,
  type Connection,
  type TransferProgress,
} from '../../core/index';
import type { Broker } from '../../demo/broker';
import { sha256 } from '../support/contents';
import type { Behaviour, ScriptedBoard } from '../support/scripted-board';
import { errorOf, Workbench } from './support';

const PREFIX = 'shed/1';
const TEXT = Buffer.alloc(30_000, 'def something(argument): return argument\n');

describe('Putting a file', () => {
  const bench = new Workbench();
  let broker: Broker;
  let connection: Connection;
  let remote: ScriptedBoard;
  let board: Board;

  async function withBoard(behaviour: Behaviour = {}): Promise<void> {
    ({ broker, remote, connection, board } = await bench.scene(PREFIX, behaviour));
  }
  const stored = (path: string) => remote.files.content.get(path);

  afterEach(() => bench.clear());

  it('sends it with the command while it is small', async () => {
    await withBoard();
    const data = Buffer.from('print(1)\n');
    const { elapsedMs, ...result } = await board.put('a.py', data);
    assert.deepEqual(stored('/a.py'), data);
    assert.deepEqual(result, {
      path: '/a.py',
      size: 9,
      sha256: sha256(data),
      wireBytes: 9,
      compressed: false,
      resumedAt: 0,
      unchanged: false,
    });
    assert.ok(elapsedMs > 0);
    assert.equal(remote.count('d'), 0);
  });

  it('sends a large one in frames, as the board asks for them', async () => {
    await withBoard();
    const data = randomBytes(100_001);
    const { wireBytes, compressed } = await board.put('/a', data);
    assert.deepEqual(stored('/a'), data);
    assert.deepEqual([wireBytes, compressed], [data.length, false]);
  });

  it('sends nothing of a file that the board has', async () => {
    await withBoard({ files: { '/a': TEXT } });
    const { unchanged, wireBytes, resumedAt } = await board.put('/a', TEXT);
    assert.deepEqual([unchanged, wireBytes, resumedAt], [true, 0, 0]);
  });

  it('compresses what is shorter for it, for a board that inflates', async () => {
    await withBoard({ info: { inflate: 10 } });
    const { wireBytes, compressed } = await board.put('/a', TEXT);
    assert.deepEqual(stored('/a'), TEXT);
    assert.ok(compressed && wireBytes < TEXT.length / 10, `${wireBytes}`);
  });

  it('compresses nothing for a board that does not inflate, or when it is not to', async () => {
    await withBoard();
    assert.equal((await board.put('/a', TEXT)).compressed, false);
    remote.behaviour.info = { inflate: 10 };
    await remote.announce('online');
    assert.equal((await board.put('/b', TEXT, { compress: false })).wireBytes, TEXT.length);
    assert.equal((await board.put('/c', TEXT)).compressed, true);
  });

  it('makes the folders above when it is asked to', async () => {
    await withBoard();
    await board.put('/lib/deep/a', TEXT, { parents: true });
    assert.ok(remote.files.folders.has('/lib/deep'));
  });

  it('gets over frames that are lost, in both directions', async () => {
    let frames = 0;
    await withBoard({ losesOnTheWay: () => ++frames % 7 === 0 });
    const data = randomBytes(20_000);
    const { wireBytes } = await board.put('/a', data);
    assert.deepEqual(stored('/a'), data);
    assert.ok(wireBytes > data.length, 'what was repeated is counted');
  });

  it('tells how far it is, and how long it will take', async () => {
    await withBoard();
    const seen: TransferProgress[] = [];
    await board.put('/a', TEXT, { onProgress: (progress) => seen.push(progress) });
    const bytes = seen.map((progress) => progress.bytes);
    assert.deepEqual(
      bytes,
      [...bytes].sort((a, b) => a - b),
    );
    assert.ok(bytes.length > 5);
    const last = seen.at(-1);
    assert.deepEqual([last?.bytes, last?.total, last?.remainingSeconds], [30_000, 30_000, 0]);
    assert.ok((last?.bytesPerSecond ?? 0) > 1000);
  });

  it('goes on behind what the board has when that restarted in the middle', async () => {
    let restarted: Promise<void> | undefined;
    await withBoard({
      onTaken: (received) => {
        if (received > 10_000) restarted ??= remote.restart();
      },
    });
    const { resumedAt, wireBytes } = await board.put('/a', TEXT);
    await restarted;
    assert.deepEqual(stored('/a'), TEXT);
    assert.ok(resumedAt > 10_000, `${resumedAt}`);
    assert.ok(wireBytes < TEXT.length + 10_000, 'only what was under way was sent again');
    assert.equal(remote.ran.length, 2);
  });

  it('goes on when the host was cut off in the middle', async () => {
    let cut = false;
    await withBoard({
      onTaken: (received) => {
        if (received > 10_000 && !cut) broker.dropConnections();
        cut ||= received > 10_000;
      },
    });
    await board.put('/a', TEXT);
    assert.deepEqual(stored('/a'), TEXT);
    assert.ok(cut);
  });

  it('goes on when the broker died in the middle and came back', async () => {
    let outage: Promise<void> | undefined;
    await withBoard({
      onTaken: (received) => {
        if (received > 10_000) outage ??= broker.restart();
      },
    });
    await board.put('/a', TEXT);
    assert.ok(outage, 'it died in the middle');
    await outage;
    assert.deepEqual(stored('/a'), TEXT);
  });

  it('waits for a board that was switched off in the middle', async () => {
    let off: Promise<void> | undefined;
    await withBoard({
      onTaken: (received) => {
        if (received > 10_000 && !off) {
          off = remote
            .announce('offline')
            .then(() => new Promise((resolve) => setTimeout(resolve, 1500)))
            .then(() => remote.restart());
        }
      },
      losesOnTheWay: () => remote.boot === 1000 && off !== undefined,
    });
    await board.put('/a', TEXT);
    assert.ok(off, 'it was switched off in the middle');
    assert.deepEqual(stored('/a'), TEXT);
  });

  it('tries again when the flash holds something else, twice and no more', async () => {
    await withBoard({ spoils: 2 });
    await board.put('/a', TEXT);
    assert.deepEqual(stored('/a'), TEXT);
    remote.behaviour.spoils = 3;
    const error = await errorOf(board.put('/b', TEXT));
    assert.equal((error as BoardFileError).reason, 'corrupt');
    assert.equal(stored('/b'), undefined);
  });

  it('is tried again while the board is busy, and says so when its time is up', async () => {
    await withBoard({ refuses: ['busy four transfers run'] });
    await board.put('/a', TEXT);
    remote.behaviour.refuses = Array(9).fill('busy four transfers run');
    const error = await errorOf(board.put('/b', TEXT, { timeoutMs: 700 }));
    assert.ok(error instanceof BoardRefusedError);
    assert.equal(error.reason, 'busy');
    assert.match(error.message, /four transfers run.*Try again later/);
  });

  it('ends with the reason, the path, and what to do', async () => {
    await withBoard({ fails: ['full 30000 bytes are needed and 4096 free'] });
    const error = await errorOf(board.put('/a', TEXT));
    assert.ok(error instanceof BoardFileError);
    assert.deepEqual(
      [error.code, error.reason, error.path, error.badge],
      ['FILE_FULL', 'full', '/a', 'flash full'],
    );
    assert.match(error.message, /^\/a on the board shed\/1: 30000 bytes are needed .*\. Remove/);
    assert.equal(remote.ran.length, 1, 'it is not tried again');
  });

  it('ends when nothing moves for too long, and is cancelled on the board', async () => {
    await withBoard({ losesOnTheWay: (_, kind) => kind === 'd' });
    const cancelled = remote.next('x');
    const error = await errorOf(board.put('/a', TEXT, { timeoutMs: 600 }));
    await cancelled;
    assert.ok(error instanceof BoardTimeoutError);
    assert.match(error.message, /made no progress for 0\.6 s/);
  });

  it('lasts longer than that as long as it moves', async () => {
    const seen = new Set<number>();
    // Of three windows nothing arrives the first time, until the board asks again.
    const losesOnTheWay = (_: string, kind: string, n: number) => {
      const first = kind === 'd' && n >= 4096 && n < 16_384 && !seen.has(n);
      seen.add(n);
      return first;
    };
    await withBoard({ losesOnTheWay });
    const { elapsedMs } = await board.put('/a', randomBytes(20_000), { timeoutMs: 600 });
    assert.ok(elapsedMs > 800, `${elapsedMs}`);
  });

  it('is cancelled on the board when its caller gives up', async () => {
    const caller = new AbortController();
    await withBoard({ onTaken: () => caller.abort() });
    const cancelled = remote.next('x');
    const error = await errorOf(board.put('/a', TEXT, { signal: caller.signal }));
    await cancelled;
    assert.equal(error.code, 'ABORTED');
  });

  it('is not begun on a board that is offline, or without a connection', async () => {
    await withBoard();
    await remote.announce('offline');
    assert.ok((await errorOf(board.put('/a', TEXT))) instanceof BoardOfflineError);
    await connection.close();
    assert.equal((await errorOf(board.put('/a', TEXT))).code, 'NOT_CONNECTED');
  });

  it('says of older firmware that it is to be updated', async () => {
    await withBoard({ info: { do: ['eval'] } });
    const error = await errorOf(board.put('/a', TEXT));
    assert.ok(error instanceof BoardRefusedError);
    assert.equal(error.reason, 'unknown');
    assert.match(error.message, /does not offer put.*update it/);
  });

  it('refuses what is no path, or no content', async () => {
    await withBoard();
    for (const path of ['', '/a/../b', 'a\0', undefined]) {
      assert.equal((await errorOf(board.put(path as string, TEXT))).code, 'BAD_PATH');
    }
    const text = 'text' as unknown as Buffer;
    assert.equal((await errorOf(board.put('/a', text))).code, 'BAD_CONTENT');
  });

  it('takes bytes that are no Buffer, and only those that were given', async () => {
    await withBoard();
    const bytes = new Uint8Array(TEXT.buffer, TEXT.byteOffset + 1, TEXT.length - 2);
    await board.put('/a', bytes as Buffer, { compress: false });
    assert.deepEqual(stored('/a'), TEXT.subarray(1, -1));
  });

  it('runs beside others, on one board and on many', async () => {
    await withBoard({ info: { inflate: 10 } });
    const others = ['shed/2', 'shed/3', 'shed/4'];
    const remotes = [remote];
    for (const prefix of others) {
      remotes.push(await bench.scripted(broker.url, prefix, { info: { inflate: 10 } }));
    }
    const boards = [board, ...others.map((prefix) => bench.board(connection, prefix))];
    const paths = ['/a', '/b', '/c'];
    await Promise.all(boards.flatMap((each) => paths.map((path) => each.put(path, TEXT))));
    for (const each of remotes) {
      for (const path of paths) assert.deepEqual(each.files.content.get(path), TEXT);
    }
  });

  it('leaves no listener behind', async () => {
    await withBoard();
    await board.eval('1');
    const presence: EventEmitter = Reflect.get(board, 'presence');
    const counted = () => [connection.listenerCount('connected'), presence.listenerCount('change')];
    const before = counted();
    await board.put('/a', TEXT);
    await board.get('/a');
    remote.behaviour.fails = ['silent you said nothing'];
    await board.put('/b', TEXT);
    assert.deepEqual(counted(), before);
  });
});
