import assert from 'node:assert/strict';
import { type Board, BoardFileError } from '../../../core/index';
import type { VirtualBoard } from '../../../simulator';
import { errorOf, Workbench } from '../../core/support';
import { contents, sha256 } from '../../support/contents';
import { boardAt, hostAt, stageOf, started } from '../../support/stage';

const PREFIX = 'obstacles/board';

/** littlefs2 with an end, on the unix port. */
describe('A put that cannot be', () => {
  const bench = new Workbench();
  let virtual: VirtualBoard;
  let board: Board;

  before(async () => {
    const stage = await stageOf('mosquitto', bench);
    virtual = await started(boardAt(stage, bench, { prefix: PREFIX }));
    board = bench.board(await hostAt(stage, bench), PREFIX);
    await board.put('/kept', contents.text(30_000, 1));
    await board.mkdir('/a folder');
  });
  after(() => bench.clear());

  /** Fails by this code, before anything is lost: all files are the same, and so is the room. */
  async function refused(reason: string, path: string, size: number): Promise<BoardFileError> {
    const listing = () => board.list('/', { recursive: true, hash: true });
    const before = [await listing(), (await board.stat('/')).free];
    const error = await errorOf(board.put(path, contents.random(size, 2)));
    assert.ok(error instanceof BoardFileError, `${error}`);
    assert.equal(error.reason, reason);
    assert.ok(error.badge.length < 20);
    assert.deepEqual([await listing(), (await board.stat('/')).free], before);
    return error;
  }

  it('because the flash is full says how much is needed and free', async () => {
    const error = await refused('full', '/kept', 2_000_000);
    assert.match(error.message, /2000000 bytes are needed and \d+ free/);
  });

  it('because the flash is full by a little is refused before anything is sent, too', async () => {
    const { free = 0 } = await board.stat('/');
    await refused('full', '/new', free + 1);
  });

  it('because a folder has the name', () => refused('folder', '/a folder', 100));

  it('because a file is where its folder should be', () => refused('file', '/kept/below', 100));

  it('because the name is too long', () => refused('name', `/${'n'.repeat(300)}`, 100));

  it('because its folder does not exist, until it is asked to make it', async () => {
    await refused('parent', '/not/there/file', 5000);
    const data = contents.random(5000, 3);
    await board.put('/not/there/file', data, { parents: true });
    assert.equal((await board.hash('/not/there/file')).sha256, sha256(data));
  });

  it('and one that fills nearly all of the flash goes through, and can be replaced by less', async () => {
    const { free = 0 } = await board.stat('/');
    const large = contents.random(free - 60_000, 4);
    await board.put('/large', large);
    assert.equal((await board.hash('/large')).sha256, sha256(large));
    await refused('full', '/large', 100_000);
    await board.put('/large', Buffer.from('small'));
    assert.equal((await board.get('/large')).data?.toString(), 'small');
    assert.ok(virtual.lines.every((line) => !/Traceback/.test(line)));
  });
});
