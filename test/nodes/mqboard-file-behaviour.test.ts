import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Broker } from '../../demo/broker';
import {
  connected,
  deployModified,
  fileNode,
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
import { FileFailure, type FileProgram, StubBoard } from './support/stub-board';

interface Caught extends Received {
  board?: string;
  error: { message: string; code: string; cause: { code: string; board?: string; path?: string } };
}

interface Progress {
  bytes: number;
  total: number;
  rate: number;
  remaining: number | null;
  percent: number;
}

/** A promise, and what fulfils it. */
function signal(): { done: Promise<void>; fire: () => void } {
  let fire = () => {};
  const done = new Promise<void>((resolve) => {
    fire = resolve;
  });
  return { done, fire };
}

const stored = { size: 0, at: 0 };

/** A board that takes the first 1000 bytes of a file (`here`), and no more until it is cancelled (`stopped`). */
function untilCancelled() {
  const here = signal();
  const stopped = signal();
  const program: FileProgram = async ({ command, receive, cancelled }) => {
    if (command.do === 'stat') return { type: 'folder' };
    await receive(1000);
    here.fire();
    await cancelled;
    stopped.fire();
    return stored;
  };
  return { here, stopped, program };
}

describe('An mqboard-file node', () => {
  let broker: Broker;
  let userDir: string;
  const boards: StubBoard[] = [];

  before(async () => {
    broker = await Broker.start();
    userDir = mkdtempSync(join(tmpdir(), 'mqboard-file-'));
    helper.settings({ userDir });
  });
  after(async () => {
    await broker.stop();
    rmSync(userDir, { recursive: true, force: true });
  });

  afterEach(async () => {
    await helper.unload();
    await Promise.all(boards.splice(0).map((board) => board.stop()));
  });

  async function startBoard(prefix: string, files: FileProgram): Promise<StubBoard> {
    const board = await StubBoard.start(broker.url, prefix, () => '', files);
    boards.push(board);
    return board;
  }

  async function start(settings: object = {}): Promise<void> {
    await loadFlow([...surroundings(), serverNode(broker.url), fileNode(settings)] as never);
    await status('file', connected);
  }

  async function fail(msg: object = {}): Promise<Caught> {
    const caught = next('caught');
    node('file').receive(msg);
    return (await caught) as Caught;
  }

  describe('while a file travels', () => {
    const payload = Buffer.alloc(40_000, 'x');

    it('tells how far it is, no more than twice a second, and shows the per cent', async () => {
      await startBoard('shed', async ({ receive }) => {
        for (let end = 2000; end <= payload.length; end += 2000) {
          await receive(end);
          // What is told twice a second takes its time to be seen.
          await new Promise((resolve) => setTimeout(resolve, 80));
        }
        return stored;
      });
      await start({ action: 'put', compress: false });
      const told: Progress[] = [];
      node('live').on('input', ({ payload: progress }: Received) =>
        told.push(progress as Progress),
      );
      const answer = next('out');
      const begun = performance.now();
      node('file').receive({ payload });
      await status('file', ({ text }) => /^\d+ %$/.test(text ?? ''));
      await answer;
      const seconds = (performance.now() - begun) / 1000;
      assert.ok(told.length >= 3, `${told.length} in ${seconds} s`);
      assert.ok(told.length <= 2 * seconds + 1, `${told.length} in ${seconds} s`);
      const last = told.pop();
      assert.deepEqual([last?.bytes, last?.total, last?.percent], [40_000, 40_000, 100]);
      for (const { bytes, total, rate, remaining, percent } of told) {
        assert.ok(bytes > 0 && bytes < 40_000);
        assert.equal(total, 40_000);
        assert.ok(rate > 5_000 && rate < 50_000, `${rate}`);
        assert.ok(remaining !== null && remaining > 0 && remaining < 8, `${remaining}`);
        assert.equal(percent, Math.floor(bytes / 400));
      }
    });

    it('has no second output when nobody wants to know', async () => {
      await startBoard('shed', async ({ receive }) => {
        await receive(payload.length);
        return stored;
      });
      await start({ action: 'put', progress: false, outputs: 1, wires: [['out'], ['live']] });
      let told = 0;
      node('live').on('input', () => {
        told += 1;
      });
      const answer = next('out');
      node('file').receive({ payload });
      await answer;
      assert.equal(told, 0);
    });

    it('is cancelled by msg.cancel, also on the board, with all that waits', async () => {
      const { here, stopped, program } = untilCancelled();
      const board = await startBoard('shed', program);
      await start({ action: 'msg', path: '/a', compress: false });
      const caught = nextMany('caught', 2) as Promise<Caught[]>;
      node('file').receive({ action: 'put', payload });
      node('file').receive({ action: 'stat' });
      await here.done;
      await status('file', ({ text }) => text === 'running (+1)');
      node('file').receive({ cancel: true });
      const codes = (await caught).map(({ error }) => error.code);
      assert.deepEqual(codes, ['ABORTED', 'ABORTED']);
      await stopped.done;
      const answer = next('out');
      node('file').receive({ action: 'stat' });
      await answer;
      assert.deepEqual(
        board.commands.map((command) => command.do),
        ['put', 'stat'],
      );
    });

    it('is cancelled by a deploy, without an error, and nothing of it is sent later', async () => {
      const { here, stopped, program } = untilCancelled();
      await startBoard('shed', program);
      // A second node keeps the connection open.
      const others = [...surroundings(), serverNode(broker.url), fileNode({ id: 'second' })];
      await loadFlow([...others, fileNode({ action: 'put', compress: false })] as never);
      await status('file', connected);
      const arrived: unknown[] = [];
      for (const id of ['out', 'caught', 'live']) {
        node(id).on('input', ({ error, mqboard }: Received) => arrived.push(error ?? mqboard));
      }
      node('file').receive({ payload });
      await here.done;
      await deployModified([...others, fileNode({ action: 'stat' })] as never);
      await stopped.done;
      await status('file', connected);
      const answer = next('out');
      node('file').receive({});
      await answer;
      assert.equal(arrived.length, 1);
      assert.equal((arrived[0] as { action: string }).action, 'stat');
    });
  });

  it('takes one message after the other for a board, and different boards side by side', async () => {
    const both = signal();
    const order: string[] = [];
    const program =
      (name: string): FileProgram =>
      async ({ command }) => {
        order.push(`${name} ${command.path}`);
        if (order.length === 2) both.fire();
        await both.done;
        return { size: 1, sha: 'f' };
      };
    await startBoard('shed', program('shed'));
    await startBoard('barn', program('barn'));
    const paths = { path: 'payload', pathType: 'msg', board: 'board', boardType: 'msg' };
    await start({ action: 'hash', ...paths });
    const answers = nextMany('out', 3);
    node('file').receive({ board: 'shed', payload: '/1' });
    node('file').receive({ board: 'shed', payload: '/2' });
    node('file').receive({ board: 'barn', payload: '/1' });
    await answers;
    assert.deepEqual([...order.slice(0, 2)].sort(), ['barn /1', 'shed /1']);
    assert.equal(order[2], 'shed /2');
  });

  it('lets each of several boards answer for itself', async () => {
    await startBoard('shed', () => ({ size: 1, sha: 'aa' }));
    await startBoard('barn', () => {
      throw new FileFailure('missing there is no /a.txt');
    });
    await start({ action: 'hash', board: 'board', boardType: 'msg' });
    const answer = next('out');
    const caught = next('caught');
    node('file').receive({ board: ['shed', 'barn'] });
    assert.equal((await answer).board, 'shed');
    const { board, error } = (await caught) as Caught;
    assert.equal(board, 'barn');
    assert.deepEqual(error.cause, { code: 'FILE_MISSING', board: 'barn', path: '/a.txt' });
  });

  it("shows what the board's file system says, and tells it to a catch node", async () => {
    await startBoard('shed', () => {
      throw new FileFailure('full 900 bytes are needed, and 512 are free');
    });
    await start({ action: 'put', path: 'data/log.txt' });
    const { error } = await fail({ payload: 'x' });
    assert.equal(error.code, 'FILE_FULL');
    assert.deepEqual(error.cause, { code: 'FILE_FULL', board: 'shed', path: '/data/log.txt' });
    assert.match(error.message, /900 bytes.*512/);
    assert.deepEqual(await status('file', ({ fill }) => fill === 'red'), {
      fill: 'red',
      shape: 'dot',
      text: 'flash full',
    });
  });

  it('sends what the options say', async () => {
    const board = await startBoard('shed', ({ command }) =>
      command.do === 'remove'
        ? { removed: 1 }
        : command.do === 'mkdir'
          ? { made: 1 }
          : { entries: 0 },
    );
    await start({ action: 'msg', path: '/a', recursive: true, hashes: true, what: 'folder' });
    for (const action of ['list', 'remove', 'mkdir']) {
      const answer = next('out');
      node('file').receive({ action });
      await answer;
    }
    const [list, remove, mkdir] = board.commands;
    assert.deepEqual([list?.deep, list?.sha], [true, true]);
    assert.equal(remove?.what, 'folder');
    assert.equal(mkdir?.parents, true);
  });

  it('fails a message at once while there is no connection, and says why', async () => {
    const absent = await Broker.start();
    await absent.stop();
    await loadFlow([...surroundings(), serverNode(absent.url), fileNode()] as never);
    await status('file', ({ text }) => text === 'node-red:common.status.disconnected');
    const { error } = await fail();
    assert.equal(error.code, 'NOT_CONNECTED');
    assert.equal(error.cause.path, '/a.txt');
  });

  it('says that its server is missing, and shows it at once', async () => {
    await loadFlow([...surroundings(), fileNode()] as never);
    assert.equal(lastStatus('file').text, 'no server');
    assert.equal((await fail()).error.code, 'NO_SERVER');
  });

  describe('with a time limit', () => {
    it('ends a small command that is not answered, by its own limit', async () => {
      await startBoard('shed', async ({ cancelled }) => {
        await cancelled;
        return {};
      });
      await start({ action: 'stat', timeout: '0.3' });
      assert.equal((await fail()).error.code, 'BOARD_TIMEOUT');
    });

    it('ends a transfer that does not get on', async () => {
      await startBoard('shed', async ({ receive, cancelled }) => {
        await receive(1000);
        await cancelled;
        return {};
      });
      await start({ action: 'put', timeout: '0.5', compress: false });
      const { error } = await fail({ payload: Buffer.alloc(40_000) });
      assert.equal(error.code, 'BOARD_TIMEOUT');
    });
  });

  describe('that is not set up well', () => {
    const msgPath = { path: 'file.name', pathType: 'msg' };
    const cases: Array<[name: string, settings: object, msg: object, code: string, says: RegExp]> =
      [
        ['no board', { board: '' }, {}, 'NO_BOARD', /"Board".*empty/],
        ['an empty path', { path: '' }, {}, 'NO_PATH', /"Path on board".*empty/],
        ['a path that is missing', msgPath, {}, 'NO_PATH', /msg\.file\.name.*missing/],
        ['a path that is a number', msgPath, { file: { name: 7 } }, 'NO_PATH', /number/],
        ['a path that leads up', { path: '/lib/../boot.py' }, {}, 'BAD_PATH', /"\.\."/],
        ['no new path', { action: 'rename' }, {}, 'NO_PATH', /"New path".*empty/],
        ['no action', { action: 'msg' }, {}, 'BAD_ACTION', /msg\.action.*put.*missing/],
        ['an unknown action', { action: 'msg' }, { action: 'x' }, 'BAD_ACTION', /msg\.action.*"x"/],
        ['no content', { action: 'put' }, {}, 'NO_CONTENT', /msg\.payload is missing/],
        [
          'content that cannot be JSON',
          { action: 'put' },
          { payload: { big: 1n } },
          'BAD_CONTENT',
          /msg\.payload.*BigInt/,
        ],
        ['no local file', { into: 'file' }, {}, 'NO_LOCAL_PATH', /"Local path".*empty/],
        [
          'one local file for two boards',
          { into: 'file', local: 'a.txt', board: 'board', boardType: 'msg' },
          { board: ['shed', 'barn'] },
          'SAME_LOCAL_FILE',
          /\{board\}/,
        ],
        [
          'a sync of what is no list',
          { action: 'sync', syncFrom: 'list' },
          { payload: 'a.py' },
          'BAD_CONTENT',
          /msg\.payload must be a list/,
        ],
        [
          'a sync of a list with a nameless file',
          { action: 'sync', syncFrom: 'list' },
          { payload: [{ content: '' }] },
          'BAD_CONTENT',
          /msg\.payload\[0\] has no path/,
        ],
        [
          'a specification that is no text',
          { action: 'sync', syncFrom: 'specification' },
          { payload: {} },
          'BAD_CONTENT',
          /msg\.payload must be a text/,
        ],
        [
          'a specification that is none',
          { action: 'sync', syncFrom: 'specification' },
          { payload: 'lib' },
          'SPECIFICATION',
          /target/,
        ],
        ['a timeout that is no number', { timeout: 'soon' }, {}, 'BAD_SETTINGS', /soon/],
        [
          'a result that has no place',
          { action: 'stat', result: 'topic.value' },
          { topic: 'text' },
          'BAD_RESULT',
          /topic\.value/,
        ],
      ];

    for (const [name, settings, msg, code, says] of cases) {
      it(`says so for ${name}`, async () => {
        await startBoard('shed', () => ({ type: 'folder' }));
        await start(settings);
        const { error } = await fail(msg);
        assert.equal(error.code, code, error.message);
        assert.match(error.message, says);
        const shown = await status('file', ({ fill }) => fill === 'red');
        assert.ok(shown.text && shown.text.length < 20, shown.text);
      });
    }
  });
});
