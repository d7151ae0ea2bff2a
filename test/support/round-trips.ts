import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Board } from '../../core/index';
import { Workbench } from '../core/support';
import { contents, sha256 } from './contents';
import { boardAt, hostAt, stageOf, started } from './stage';

const BLOCK = 4096;
const MIB = 1024 * 1024;

export interface RoundTrips {
  runtime: 'wasm' | 'unix';
  broker: 'aedes' | 'mosquitto';
  /** How many files of drawn size and content go there and back. */
  runs: number;
}

/** Whatever is put comes back, byte for byte. */
export function describeRoundTrips({ runtime, broker, runs }: RoundTrips): void {
  const bench = new Workbench();
  let board: Board;
  let chunk: number;

  before(async () => {
    const stage = await stageOf(broker, bench);
    // So that a file of 1 MiB fits beside its predecessor.
    const prefix = `files/${runtime}`;
    const virtual = boardAt(stage, bench, { prefix, runtime, flashSize: '3m' });
    await started(virtual);
    board = bench.board(await hostAt(stage, bench), prefix);
    chunk = (await board.describe())?.chunk ?? 0;
  });
  after(() => bench.clear());

  async function roundTrip(path: string, data: Buffer, compress?: boolean): Promise<void> {
    const put = await board.put(path, data, compress === undefined ? {} : { compress });
    const wanted = { path, size: data.length, sha256: sha256(data) };
    assert.deepEqual({ path: put.path, size: put.size, sha256: put.sha256 }, wanted);
    const got = await board.get(path);
    assert.ok(got.data?.equals(data), `${data.length} bytes came back as ${got.data?.length}`);
    assert.equal(got.sha256, wanted.sha256);
  }

  const kinds = Object.keys(contents) as Array<keyof typeof contents>;

  it('gives back files of all sizes about a chunk and a flash block', async () => {
    const sizes = [0, 1, chunk - 1, chunk, chunk + 1, 2 * chunk, 8 * chunk + 1];
    for (const blocks of [1, 2, 16]) for (const by of [-1, 0, 1]) sizes.push(blocks * BLOCK + by);
    for (const [index, size] of sizes.entries()) {
      for (const kind of kinds) await roundTrip('/a file', contents[kind](size, index));
    }
  }).timeout(120_000);

  it('gives back files of any size and content, compressed on the way or not', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.integer({ min: 0, max: 3 * chunk }),
          fc.integer({ min: 0, max: 30 * BLOCK }),
          fc
            .tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: -1, max: 1 }))
            .map(([blocks, by]) => Math.max(0, blocks * BLOCK + by)),
        ),
        fc.constantFrom(...kinds),
        fc.integer(),
        fc.constantFrom(true, false, undefined),
        fc.constantFrom('/f', '/lib/f.py', '/lib/ein Name mit Ü'),
        async (size, kind, seed, compress, path) => {
          await roundTrip(path, contents[kind](size, seed), compress);
        },
      ),
      { numRuns: runs },
    );
  }).timeout(240_000);

  for (const kind of kinds) {
    it(`gives back 1 MiB: ${kind}`, () => roundTrip('/large', contents[kind](MIB, 1))).timeout(
      120_000,
    );
  }
}
