import assert from 'node:assert/strict';
import { type Board, BoardRefusedError } from '../../../core/index';
import { errorOf, Workbench } from '../../core/support';
import { contents, sha256 } from '../../support/contents';
import type { FaultProxy } from '../../support/fault-proxy';
import { boardAt, hostAt, proxyTo, stageOf, started } from '../../support/stage';

const PREFIX = 'contended/board';
const PATH = '/contended';

describe('Several who want the same', () => {
  const bench = new Workbench();
  let proxy: FaultProxy;
  let first: Board;
  let second: Board;

  before(async () => {
    const stage = await stageOf('mosquitto', bench);
    proxy = await proxyTo(stage, bench);
    const options = { prefix: PREFIX, port: proxy.port, flashSize: '2m' };
    await started(boardAt(stage, bench, options));
    first = bench.board(await hostAt(stage, bench), PREFIX);
    second = bench.board(await hostAt(stage, bench), PREFIX);
  });
  beforeEach(() => proxy.throttle(500_000)); // so that they meet
  afterEach(() => proxy.restore());
  after(() => bench.clear());

  const hashOnBoard = async (path = PATH) => (await first.hash(path)).sha256;

  it('two hosts that put to one path both succeed, and the file is one of theirs', async () => {
    const contentsOfBoth = [contents.random(150_000, 1), contents.random(160_000, 2)] as const;
    await Promise.all([first.put(PATH, contentsOfBoth[0]), second.put(PATH, contentsOfBoth[1])]);
    assert.ok(contentsOfBoth.map(sha256).includes(await hashOnBoard()));
  });

  it('two hosts that put the same to one path both succeed, and it is sent once', async () => {
    const data = contents.random(150_000, 3);
    const puts = await Promise.all([first, second].map((host) => host.put(PATH, data)));
    assert.equal(await hashOnBoard(), sha256(data));
    assert.equal(
      puts.reduce((sum, { wireBytes }) => sum + wireBytes, 0),
      data.length,
    );
  });

  it('a get of a file that is replaced meanwhile gives the old one or the new one', async () => {
    const versions = [contents.random(120_000, 4), contents.random(110_000, 5)] as const;
    await first.put(PATH, versions[0]);
    const getting = second.get(PATH);
    await first.put(PATH, versions[1]);
    const { data, sha256: said } = await getting;
    assert.equal(sha256(data as Buffer), said);
    assert.ok(versions.map(sha256).includes(said));
    assert.equal(await hashOnBoard(), sha256(versions[1]));
  });

  it('more transfers than a board takes at once wait, and all end right', async () => {
    proxy.restore();
    const files = Array.from({ length: 9 }, (_, i) => contents.python(20_000 + i, i));
    const puts = files.map((data, i) => (i % 2 ? first : second).put(`/many${i}`, data));
    await Promise.all(puts);
    const gets = await Promise.all(files.map((_, i) => first.get(`/many${i}`)));
    for (const [i, data] of files.entries()) assert.ok(gets[i]?.data?.equals(data));
  });

  it('a fifth transfer is told "busy" when its time is up before there is a place', async () => {
    proxy.throttle(50_000);
    const long = [1, 2, 3, 4].map((i) => first.put(`/long${i}`, contents.random(60_000, i)));
    const options = { timeoutMs: 1500 };
    const error = await errorOf(second.put('/fifth', contents.random(30_000, 5), options));
    assert.ok(error instanceof BoardRefusedError, `${error}`);
    assert.equal(error.reason, 'busy');
    assert.match(error.message, /again/);
    proxy.restore();
    await Promise.all(long);
  });
});
