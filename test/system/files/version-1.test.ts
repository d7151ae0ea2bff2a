import assert from 'node:assert/strict';
import type { Board } from '../../../core/index';
import type { VirtualBoard } from '../../../simulator';
import { Workbench } from '../../core/support';
import { contents, sha256 } from '../../support/contents';
import { HostV1 } from '../../support/host-v1';
import { boardAt, hostAt, stageOf, started, urlOf } from '../../support/stage';

const PREFIX = 'v1/files';

describe('The original host and files on our board', () => {
  const bench = new Workbench();
  let virtual: VirtualBoard;
  let host: HostV1;
  let board: Board;

  before(async () => {
    const stage = await stageOf('mosquitto', bench);
    virtual = await started(boardAt(stage, bench, { prefix: PREFIX, flashSize: '2m' }));
    board = bench.board(await hostAt(stage, bench), PREFIX);
    const url = urlOf(stage, stage.port);
    host = await HostV1.connect(url, PREFIX, stage.ca ? { ca: stage.ca } : {});
    bench.keep(host, () => host.close());
  });
  after(() => bench.clear());

  for (const size of [0, 1, 1399, 1400, 1401, 90_000, 100 * 1024, 100 * 1024 + 1, 300_000]) {
    it(`puts ${size} bytes, and gets them`, async () => {
      const data = contents.random(size, size);
      assert.equal(await host.put('/by v1', data), 'OK');
      assert.equal((await board.hash('/by v1')).sha256, sha256(data));
      assert.ok((await host.get('/by v1')).equals(data));
    });
  }

  it('replaces nothing by a put that stops in the middle, also when the power is cut then', async () => {
    const old = contents.text(2000, 1);
    await host.put('/kept', old);
    await host.put('/kept', contents.random(200_000, 2), { stopAfter: 60 });
    assert.equal((await board.hash('/kept')).sha256, sha256(old));
    await virtual.powerCut();
    await started(virtual);
    assert.ok((await host.get('/kept')).equals(old));
    const data = contents.random(200_000, 3);
    assert.equal(await host.put('/kept', data), 'OK');
    assert.ok((await host.get('/kept')).equals(data));
  });

  it('is told in words what is wrong', async () => {
    await assert.rejects(host.get('/not there'), /not there/);
    await assert.rejects(host.put('/no/folder', contents.text(10, 1)), /no/);
    await assert.rejects(host.put('/lib', contents.text(10, 1)), /folder/);
  });

  it('puts while our host gets, and the other way round', async () => {
    const ours = contents.random(150_000, 4);
    const theirs = contents.random(150_000, 5);
    await Promise.all([board.put('/ours', ours), host.put('/theirs', theirs)]);
    const [got, data] = await Promise.all([board.get('/theirs'), host.get('/ours')]);
    assert.ok(got.data?.equals(theirs));
    assert.ok(data.equals(ours));
  });
});
