import assert from 'node:assert/strict';
import { type Board, BoardFileError } from '../../core/index';
import { errorOf, Workbench } from '../core/support';
import { contents, sha256 } from '../support/contents';
import type { FaultProxy } from '../support/fault-proxy';
import { boardAt, hostAt, proxyTo, stageOf, started } from '../support/stage';

const FILL = `
f = open("/fill", "wb")
try:
    while True:
        f.write(b"x" * 512)
        f.flush()
except OSError: pass
try: f.close()
except OSError: pass
`;

/** littlefs2, filled by code on the board until it takes no byte more. */
describe('A flash that is full to its last block', () => {
  const bench = new Workbench();
  const old = contents.text(60_000, 1);
  let proxy: FaultProxy;
  let board: Board;

  before(async () => {
    const stage = await stageOf('aedes', bench);
    proxy = await proxyTo(stage, bench);
    const options = { prefix: 'full/flash', flashSize: '896k', port: proxy.port };
    await started(boardAt(stage, bench, options));
    board = bench.board(await hostAt(stage, bench), 'full/flash');
    await board.put('/old', old);
  });
  after(() => bench.clear());

  const fill = () => board.eval(FILL, { timeoutMs: 30_000 });

  async function refused(data: Buffer, onProgress = () => {}): Promise<void> {
    const error = await errorOf(board.put('/old', data, { onProgress }));
    assert.ok(error instanceof BoardFileError && error.reason === 'full', `${error}`);
    assert.equal((await board.hash('/old')).sha256, sha256(old));
    const hidden = '[n for n in __import__("os").listdir("/") if n.startswith(".mqb")]';
    assert.deepEqual((await board.eval(hidden)).value, []);
  }

  it('has no room, as it says, and keeps the old file', async () => {
    await fill();
    assert.equal((await board.stat('/')).free, 0);
    await refused(contents.text(60_000, 2));
    await refused(Buffer.from('small'));
    await board.remove('/fill');
  });

  it('keeps the old file also when it fills up in the middle of a put', async () => {
    const { free = 0 } = await board.stat('/');
    proxy.throttle(60_000);
    let filled: Promise<unknown> | undefined;
    await refused(contents.random(free - 30_000, 3), () => {
      filled ??= fill();
    });
    await filled;
    proxy.restore();
    await board.remove('/fill');
    await board.put('/old', contents.text(60_000, 4));
  });
});
