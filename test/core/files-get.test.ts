import assert from 'node:assert/strict';
import { createHash, type Hash, randomBytes } from 'node:crypto';
import {
  type Board,
  type BoardFileError,
  BoardRefusedError,
  BoardTimeoutError,
  type GetSink,
} from '../../core/index';
import type { Broker } from '../../demo/broker';
import { sha256 } from '../support/contents';
import type { Behaviour, ScriptedBoard } from '../support/scripted-board';
import { errorOf, Workbench } from './support';

const PREFIX = 'shed/1';
const DATA = randomBytes(200_000);

/** Keeps what it is given; `had` is of an earlier try. */
class TestSink implements GetSink {
  restarts = 0;
  /** How often it was asked what it has, for which a file is read. */
  asked = 0;
  /** How long each write takes. */
  slow = 0;
  writing = 0;
  failure: Error | undefined;

  constructor(
    public data: Buffer = Buffer.alloc(0),
    private readonly hash?: Hash,
  ) {}

  async begin() {
    this.asked++;
    const { length: size } = this.data;
    return { size, sha256: sha256(this.data), ...(this.hash && { hash: this.hash }) };
  }

  async restart(): Promise<void> {
    this.restarts++;
    this.data = Buffer.alloc(0);
  }

  async write(bytes: Buffer): Promise<void> {
    assert.equal(++this.writing, 1, 'one write at a time');
    if (this.failure) throw this.failure;
    await new Promise((resolve) => setTimeout(resolve, this.slow));
    this.data = Buffer.concat([this.data, bytes]);
    this.writing--;
  }
}

describe('Getting a file', () => {
  const bench = new Workbench();
  let broker: Broker;
  let remote: ScriptedBoard;
  let board: Board;

  async function withBoard(behaviour: Behaviour = {}): Promise<void> {
    ({ broker, remote, board } = await bench.scene(PREFIX, {
      files: { '/a': DATA },
      ...behaviour,
    }));
  }

  afterEach(() => bench.clear());

  it('brings its bytes, its size and its SHA-256', async () => {
    await withBoard();
    const { data, size, sha256: hash, resumedAt, path } = await board.get('a');
    assert.ok(data?.equals(DATA));
    assert.deepEqual([path, size, hash, resumedAt], ['/a', DATA.length, sha256(DATA), 0]);
  });

  it('brings an empty file, and one of one byte', async () => {
    await withBoard({ files: { '/empty': '', '/one': 'x' } });
    assert.equal((await board.get('/empty')).data?.length, 0);
    assert.equal((await board.get('/one')).data?.toString(), 'x');
  });

  it('gets over frames that are lost, in both directions', async () => {
    let frames = 0;
    await withBoard({ losesOnTheWay: () => ++frames % 50 === 0 });
    assert.ok((await board.get('/a')).data?.equals(DATA));
  });

  it('asks for a frame that was lost when it sees the gap, not when its patience ends', async () => {
    let lost = false;
    const losesOnTheWay = (_: string, kind: string, n: number) => {
      const loses = !lost && kind === 'd' && n >= 20_000;
      lost ||= loses;
      return loses;
    };
    await withBoard({ losesOnTheWay });
    const { data, elapsedMs } = await board.get('/a');
    assert.ok(lost && data?.equals(DATA));
    assert.ok(elapsedMs < 900, `${elapsedMs}`);
  });

  it('goes on when the board restarted in the middle, and again when the file is another one', async () => {
    await withBoard();
    const later = randomBytes(150_000);
    for (const data of [DATA, later]) {
      let restarted: Promise<void> | undefined;
      const sink = new TestSink();
      const result = await board.get('/a', {
        into: sink,
        onProgress: ({ bytes }) => {
          if (bytes < 60_000 || restarted) return;
          remote.files.content.set('/a', data);
          restarted = remote.restart();
        },
      });
      await restarted;
      assert.ok(sink.data.equals(data));
      assert.equal(result.sha256, sha256(data));
      assert.deepEqual([sink.restarts, sink.asked], [data === DATA ? 0 : 1, 1]);
      assert.equal(result.resumedAt > 0, data === DATA);
    }
  });

  it('goes on when the host was cut off, or the broker died, in the middle', async () => {
    await withBoard();
    for (const harm of [() => broker.dropConnections(), () => broker.restart()]) {
      let done: unknown;
      const { data } = await board.get('/a', {
        onProgress: ({ bytes }) => {
          if (bytes > 60_000) done ??= harm() ?? true;
        },
      });
      assert.ok(done, 'it was in the middle');
      await done;
      assert.ok(data?.equals(DATA));
    }
  });

  it('goes on behind what a sink has of an earlier try', async () => {
    await withBoard();
    const had = DATA.subarray(0, 120_000);
    for (const hash of [undefined, createHash('sha256').update(had)]) {
      const sink = new TestSink(Buffer.from(had), hash);
      const { resumedAt, data } = await board.get('/a', { into: sink });
      assert.deepEqual([resumedAt, data, sink.restarts], [120_000, undefined, 0]);
      assert.ok(sink.data.equals(DATA));
    }
  });

  it('asks for nothing when a sink has the whole file', async () => {
    await withBoard();
    const { resumedAt } = await board.get('/a', { into: new TestSink(Buffer.from(DATA)) });
    assert.equal(resumedAt, DATA.length);
  });

  it('starts afresh when what the sink has is of another file', async () => {
    await withBoard();
    const sink = new TestSink(randomBytes(1000));
    const { resumedAt } = await board.get('/a', { into: sink });
    assert.deepEqual([resumedAt, sink.restarts], [0, 1]);
    assert.ok(sink.data.equals(DATA));
  });

  it('lets no more come than a slow sink can take', async () => {
    const large = randomBytes(700_000);
    await withBoard({ files: { '/a': large } });
    const sink = new TestSink();
    sink.slow = 1;
    let most = 0;
    const onProgress = ({ bytes }: { bytes: number }) => {
      most = Math.max(most, bytes - sink.data.length);
    };
    await board.get('/a', { into: sink, onProgress });
    assert.ok(sink.data.equals(large));
    assert.ok(most <= 256 * 1024, `${most} bytes waited`);
  });

  it('ends when the sink fails, and is cancelled on the board', async () => {
    await withBoard();
    const sink = new TestSink();
    sink.failure = new RangeError('the disk is full');
    const cancelled = remote.next('x');
    assert.equal(await errorOf(board.get('/a', { into: sink })), sink.failure);
    await cancelled;
  });

  it('is tried again when the file was changed while it was read, twice and no more', async () => {
    await withBoard({ fails: ['changed x', 'changed x'] });
    assert.ok((await board.get('/a')).data?.equals(DATA));
    remote.behaviour.fails = ['changed x', 'changed x', 'changed x'];
    assert.equal(((await errorOf(board.get('/a'))) as BoardFileError).reason, 'changed');
  });

  it('is not over when what arrived is not what the board read', async () => {
    await withBoard({ garbles: 3 });
    assert.equal(((await errorOf(board.get('/a'))) as BoardFileError).reason, 'corrupt');
    remote.behaviour.garbles = 1;
    assert.ok((await board.get('/a')).data?.equals(DATA));
  });

  it('ends at once when the board says a size that cannot be', async () => {
    for (const size of ['-1', '1.5', '"many"', 'null']) {
      await withBoard({ says: { get: { output: [`{"at":0,"size":${size}}`] } } });
      const error = await errorOf(board.get('/a'));
      assert.ok(error instanceof BoardRefusedError && error.reason === 'bad', `${error}`);
      await bench.clear();
    }
  });

  it('ends with its time, or when its caller gives up, although the sink does not begin', async () => {
    await withBoard();
    const into = new TestSink();
    into.begin = () => new Promise(() => {});
    const late = await errorOf(board.get('/a', { into, timeoutMs: 200 }));
    assert.ok(late instanceof BoardTimeoutError, `${late}`);
    const signal = AbortSignal.timeout(200);
    assert.equal((await errorOf(board.get('/a', { into, signal }))).code, 'ABORTED');
  });

  it('says that there is no such file', async () => {
    await withBoard();
    const error = (await errorOf(board.get('/b'))) as BoardFileError;
    assert.deepEqual([error.code, error.badge], ['FILE_MISSING', 'no such file']);
  });

  it('is cancelled on the board when its caller gives up', async () => {
    await withBoard();
    const caller = new AbortController();
    const cancelled = remote.next('x');
    const options = { signal: caller.signal, onProgress: () => caller.abort() };
    assert.equal((await errorOf(board.get('/a', options))).code, 'ABORTED');
    await cancelled;
  });
});
