import assert from 'node:assert/strict';
import { type SyncSource, syncBoard } from '../../../core/index';
import { Workbench } from '../../core/support';
import { contents, sha256 } from '../../support/contents';
import type { FaultProxy } from '../../support/fault-proxy';
import {
  type Cut,
  DoomedBoard,
  onceBack,
  type Shown,
  stride,
  sweep,
} from '../../support/power-sweep';
import { boardAt, hostAt, proxyTo, stageOf, started } from '../../support/stage';

const STEP = stride(4);

/** What a path may hold after a cut. Undefined: it may be missing. */
type Allowed = Array<string | undefined>;

/** littlefs2 on real blocks. The power fails after every fourth of them, other ones each time; or after each. */
describe('A power cut after a block write', () => {
  const bench = new Workbench();
  const boards: DoomedBoard[] = [];
  /** The files of a board apart from those that the tests change. */
  let firmware: Shown;
  let proxy: FaultProxy;

  before(async () => {
    const stage = await stageOf('mosquitto', bench);
    proxy = await proxyTo(stage, bench);
    const connection = await hostAt(stage, bench);
    for (const prefix of ['cuts/one', 'cuts/two']) {
      const virtual = await started(boardAt(stage, bench, { prefix, port: proxy.port }));
      boards.push(new DoomedBoard(virtual, bench.board(connection, prefix)));
    }
    firmware = (await boards[0]?.show()) ?? new Map();
  });
  after(() => bench.clear());

  /** Fails where a file is missing, is neither old nor new, or should not be there. */
  function check(found: Shown, allowed: Map<string, Allowed>, cut: Cut): void {
    const when = `after ${cut.writes} writes${cut.torn ? ', torn' : ''}`;
    for (const [path, hash] of firmware) {
      if (!path.startsWith('/board_')) assert.equal(found.get(path), hash, `${path} ${when}`);
    }
    for (const [path, hashes] of allowed) {
      assert.ok(hashes.includes(found.get(path)), `${path} is neither old nor new ${when}`);
    }
    const strange = [...found.keys()].filter((path) => !firmware.has(path) && !allowed.has(path));
    assert.deepEqual(strange, [], when);
  }

  const report = (what: string, cuts: number) => {
    console.log(`      ${what}: ${cuts} power cuts, 0 files harmed`);
  };

  async function leftovers({ board }: DoomedBoard): Promise<unknown> {
    const source = '[name for name in __import__("os").listdir("/") if name.startswith(".mqb")]';
    return (await onceBack(() => board.eval(source))).value;
  }

  /** Two versions of one file replace each other; returns the cuts and where puts went on. */
  async function replaceToAndFro(versions: readonly [Buffer, Buffer], step = STEP) {
    const path = '/app.py';
    const hashes = versions.map(sha256);
    const now = new Map<DoomedBoard, number>();
    const resumed: number[] = [];
    for (const doomed of boards) {
      await doomed.board.put(path, versions[0]);
      now.set(doomed, 0);
    }
    const attempt = async (doomed: DoomedBoard, cut: Cut) => {
      const next = 1 - (now.get(doomed) ?? 0);
      const data = versions[next] as Buffer;
      const wasCut = await doomed.cutDuring(cut, (signal) =>
        doomed.board.put(path, data, { signal }),
      );
      check(await doomed.show(), new Map([[path, hashes]]), cut);
      const { resumedAt } = await doomed.board.put(path, data);
      if (resumedAt) resumed.push(resumedAt);
      check(await doomed.show(), new Map([[path, [hashes[next]]]]), cut);
      now.set(doomed, next);
      return wasCut;
    };
    const cuts = await sweep(boards, attempt, step);
    for (const doomed of boards) assert.deepEqual(await leftovers(doomed), []);
    for (const { board } of boards) await board.remove(path);
    return { cuts, resumed };
  }

  it('during a put that replaces a file leaves the old one or the new one', async () => {
    const versions = [contents.random(14_000, 1), contents.python(13_000, 2)] as const;
    const { cuts } = await replaceToAndFro(versions);
    report('put', cuts);
    assert.ok(cuts > 80 / STEP, `one for every write of ${STEP}, and torn ones`);
  }).timeout(300_000);

  it('during a put of a large file does so, too, and the next put goes on where it was', async () => {
    const versions = [contents.random(150_000, 1), contents.text(160_000, 2)] as const;
    // A board makes sure of what it has after 64 KiB, but not more than ten times a second.
    proxy.throttle(500_000);
    const { cuts, resumed } = await replaceToAndFro(versions, 31 * STEP).finally(() =>
      proxy.restore(),
    );
    report('put of a large file', cuts);
    assert.ok(
      resumed.some((at) => at >= 65_536),
      `${resumed}`,
    );
  }).timeout(300_000);

  it('during a sync leaves each of its files old or new, and the next sync finishes', async () => {
    const same = ['u1', 'u2', 'u3', 'sub/u4'];
    const replaced = ['a', 'b', 'sub/c', 'sub/d'];
    /** Ten files; two of them are not there in the other version. */
    const version = (which: number) =>
      new Map<string, Buffer>([
        ...same.map((name, i) => [`/site/${name}`, contents.text(500, i)] as const),
        ...replaced.map(
          (name, i) => [`/site/${name}`, contents.python(2500, 10 * which + i)] as const,
        ),
        [`/site/only-in-${which}`, contents.random(1500, which)] as const,
        [`/site/new-in-${which}/deep`, contents.random(900, which)] as const,
      ]);
    const versions = [version(1), version(2)] as const;
    const source = (which: number): SyncSource => ({
      kind: 'list',
      target: '/site',
      files: [...(versions[which] as Map<string, Buffer>)].map(([path, content]) => ({
        path: path.slice('/site/'.length),
        content,
      })),
    });
    const allowed = (...which: number[]) => {
      const paths = new Set([...versions[0].keys(), ...versions[1].keys()]);
      const hashOf = (path: string, index: number) => {
        const content = versions[index]?.get(path);
        return content && sha256(content);
      };
      return new Map([...paths].map((path) => [path, which.map((index) => hashOf(path, index))]));
    };
    const now = new Map<DoomedBoard, number>();
    for (const doomed of boards) {
      await syncBoard(doomed.board, source(0), {});
      now.set(doomed, 0);
    }
    const attempt = async (doomed: DoomedBoard, cut: Cut) => {
      const next = 1 - (now.get(doomed) ?? 0);
      const wasCut = await doomed.cutDuring(cut, (signal) =>
        syncBoard(doomed.board, source(next), { delete: true, signal }),
      );
      check(await doomed.show(), allowed(0, 1), cut);
      await syncBoard(doomed.board, source(next), { delete: true });
      check(await doomed.show(), allowed(next), cut);
      now.set(doomed, next);
      return wasCut;
    };
    const cuts = await sweep(boards, attempt, STEP);
    for (const doomed of boards) assert.deepEqual(await leftovers(doomed), []);
    report('sync of 10 files', cuts);
    assert.ok(cuts > 120 / STEP, `one for every write of ${STEP}, and torn ones`);
  }).timeout(300_000);
});
