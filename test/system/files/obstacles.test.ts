import assert from 'node:assert/strict';
import { type Board, BoardFileError } from '../../../core/index';
import type { VirtualBoard } from '../../../simulator';
import { errorOf, Workbench } from '../../core/support';
import { contents, sha256 } from '../../support/contents';
import { boardAt, hostAt, stageOf, started } from '../../support/stage';

const PREFIX = 'obstacles/board';

/** A littlefs of its own, with the file /fixed/kept, that takes no changes. */
const READ_ONLY = `
import vfs
class Ram:
    def __init__(self): self.blocks = [bytearray(512) for _ in range(64)]
    def readblocks(self, n, buf, offset=0):
        buf[:] = memoryview(self.blocks[n])[offset : offset + len(buf)]
    def writeblocks(self, n, buf, offset=0):
        self.blocks[n][offset : offset + len(buf)] = buf
    def ioctl(self, op, arg): return {4: 64, 5: 512}.get(op, 0)
ram = Ram()
vfs.VfsLfs2.mkfs(ram)
vfs.mount(vfs.VfsLfs2(ram), "/fixed")
with open("/fixed/kept", "w") as file: file.write("kept")
vfs.umount("/fixed")
vfs.mount(vfs.VfsLfs2(ram), "/fixed", readonly=True)
`;

/** littlefs2 with an end, on the unix port. */
describe('A put that cannot be', () => {
  const bench = new Workbench();
  let virtual: VirtualBoard;
  let board: Board;

  before(async () => {
    const stage = await stageOf('mosquitto', bench);
    // 64 kB more than usual, for what holds the file system that takes no changes.
    virtual = await started(boardAt(stage, bench, { prefix: PREFIX, heap: '320k' }));
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

  it('because the file system takes no changes, which no other command changes either', async () => {
    await board.eval(READ_ONLY);
    await refused('readonly', '/fixed/new', 100);
    await refused('readonly', '/fixed/kept', 5000);
    for (const change of [
      () => board.mkdir('/fixed/folder'),
      () => board.remove('/fixed/kept'),
      () => board.rename('/fixed/kept', '/fixed/other'),
    ]) {
      assert.equal((await errorOf(change())).code, 'FILE_READONLY');
    }
    assert.equal((await board.get('/fixed/kept')).data?.toString(), 'kept');
    await board.eval('vfs.umount("/fixed")\ndel ram, Ram, vfs, file');
  });

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
