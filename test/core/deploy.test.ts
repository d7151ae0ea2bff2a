import assert from 'node:assert/strict';
import {
  AbortedError,
  Board,
  type BoardFileError,
  BoardRefusedError,
  BoardRestartedError,
  BoardTimeoutError,
  buildRelease,
  type Connection,
  type UpdateProgress,
} from '../../core/index';
import type { ScriptedBoard } from '../support/scripted-board';
import type { UpdatesBehaviour } from '../support/scripted-updates';
import { errorOf, Workbench } from './support';
import { release } from './update-support';

const PREFIX = 'shed/1';

describe('Deploying a release', () => {
  const bench = new Workbench();
  let connection: Connection;
  let remote: ScriptedBoard;
  let board: Board;

  async function withBoard(updates: UpdatesBehaviour = {}): Promise<void> {
    ({ remote, connection, board } = await bench.scene(PREFIX, { updates }));
  }

  afterEach(() => bench.clear());

  it('is over when the board, on the new release, says that it is confirmed', async () => {
    await withBoard();
    const phases: string[] = [];
    const sent: UpdateProgress[] = [];
    const onProgress = (now: UpdateProgress) => {
      if (phases.at(-1) !== now.phase) phases.push(now.phase);
      if (now.phase === 'sending') sent.push(now);
    };
    const wanted = await release();
    const { elapsedMs, wireBytes, ...result } = await board.deploy(wanted, { onProgress });
    assert.deepEqual(result, { outcome: 'updated', what: 'app', version: '2' });
    assert.ok(elapsedMs > 0);
    const size = wanted.contents.reduce((sum, { length }) => sum + length, 0);
    assert.equal(wireBytes, size + wanted.text.length);
    assert.deepEqual(phases, ['checking', 'sending', 'restarting', 'trial']);
    assert.deepEqual([sent.at(-1)?.done, sent.at(-1)?.total], [size, size]);
    assert.deepEqual(remote.updates.steps, ['stage app', 'fetch app', 'try app']);
    assert.equal(board.info?.releases?.app?.version, '2');
  });

  it('sends nothing to a board that has it, and tells what was there before', async () => {
    await withBoard();
    await board.deploy(await release('1'));
    assert.equal((await board.deploy(await release('1'))).outcome, 'already');
    assert.equal(remote.updates.steps.filter((step) => step === 'fetch app').length, 1);
    const { before, wireBytes } = await board.deploy(await release('2'));
    assert.equal(before, '1');
    assert.ok(wireBytes < 1000, `${wireBytes}: the large file was there`);
  });

  it('tells that the board went back, why, and which crash report tells more', async () => {
    await withBoard({ becomes: { why: 'it crashed', crash: '1f.1' } });
    const { outcome, reason, crash } = await board.deploy(await release());
    assert.deepEqual([outcome, reason, crash], ['rolled-back', 'it crashed', '1f.1']);
  });

  it('is not over before the board, back on what it had, can be commanded again', async () => {
    await withBoard({ becomes: 'never' });
    const onProgress = async ({ phase }: UpdateProgress) => {
      if (phase !== 'trial') return;
      await remote.announce('offline');
      const { update } = remote.updates;
      remote.updates.update = { ...update, state: 'undone', why: 'no broker' };
      await remote.tell();
      await remote.announce('online');
    };
    const { outcome } = await board.deploy(await release(), { onProgress });
    assert.equal(outcome, 'rolled-back');
    assert.equal((await board.eval('1')).value, 921);
  });

  it('tries what was undone once more when it is asked to, as an update of its own', async () => {
    await withBoard({ becomes: { why: 'no connection' } });
    await board.deploy(await release());
    const { id } = board.info?.update ?? {};
    remote.updates.behaviour.becomes = 'confirmed';
    remote.updates.releases.app = { name: 'oven', version: '1', text: '' };
    assert.equal((await board.deploy(await release())).outcome, 'updated');
    assert.notEqual(board.info?.update?.id, id);
  });

  for (const when of ['before', 'after'] as const) {
    it(`goes on when the board restarted without an answer, ${when} it had noted the trial`, async () => {
      await withBoard({ restartsAtTry: [when] });
      const { outcome } = await board.deploy(await release());
      assert.equal(outcome, 'updated');
      const tries = remote.updates.steps.filter((step) => step === 'try app').length;
      assert.equal(tries, when === 'before' ? 2 : 1);
      const fetches = remote.updates.steps.filter((step) => step === 'fetch app').length;
      assert.equal(fetches, 1);
    });
  }

  it('takes a trial for its own when it is in the way and turns out to be', async () => {
    await withBoard({ restartsAtTry: ['untold'] });
    assert.equal((await board.deploy(await release())).outcome, 'updated');
    assert.equal(remote.updates.steps.filter((step) => step === 'try app').length, 1);
  });

  it('is given up when the board restarts each time instead', async () => {
    await withBoard({ restartsAtTry: ['before', 'before', 'before'] });
    const error = await errorOf(board.deploy(await release()));
    assert.ok(error instanceof BoardRestartedError, `${error}`);
    assert.match(error.message, /did not take up oven 2, 3 times/);
  });

  it('is sent some dozens of files at a time', async () => {
    await withBoard();
    const files = [...Array(70).keys()].map((n) => ({ path: `${n}.py`, data: `N = ${n}\n` }));
    const many = await buildRelease({ slot: 'app', name: 'many', files });
    const sent: UpdateProgress[] = [];
    const onProgress = (now: UpdateProgress) => now.phase === 'sending' && sent.push(now);
    assert.equal((await board.deploy(many, { onProgress })).outcome, 'updated');
    assert.equal(remote.updates.steps.filter((step) => step === 'fetch app').length, 3);
    const total = many.contents.reduce((sum, { length }) => sum + length, 0);
    assert.deepEqual([sent.at(-1)?.done, sent.at(-1)?.total], [total, total]);
    assert.ok(sent.every(({ done = 0 }, at) => done >= (sent[at - 1]?.done ?? 0)));
  });

  it('sends what was damaged on the flash again', async () => {
    await withBoard({ failsAt: { try: 'corrupt a file is not what the manifest says' } });
    assert.equal((await board.deploy(await release())).outcome, 'updated');
  });

  it('goes on behind the files that are there when the board restarted in the middle', async () => {
    await withBoard({ stuckAt: 22_000 });
    const files = 2;
    const taken = remote.next('d').then(async () => {
      while (remote.updates.steps.length < files) await remote.next('d');
    });
    const deploying = board.deploy(await release('2', 20_000));
    await taken;
    await remote.restart();
    assert.equal((await deploying).outcome, 'updated');
  });

  it('finds a trial again that it, or another host, had begun, and waits for how it ends', async () => {
    await withBoard({ becomes: 'never' });
    const wanted = await release();
    const first = await errorOf(board.deploy(wanted, { trialMs: 500 }));
    assert.ok(first instanceof BoardTimeoutError, `${first}`);
    assert.match(first.message, /did not say.*oven 2: it is still on trial/s);
    const other = bench.keep(new Board(connection, PREFIX), (one) => one.close());
    let waiting = 0;
    const onProgress = ({ phase }: UpdateProgress) => {
      if (phase !== 'trial' || ++waiting < 2) return;
      remote.updates.behaviour.becomes = 'confirmed';
      remote.updates.decide();
    };
    const both = [board, other].map((one) => one.deploy(wanted, { onProgress }));
    const outcomes = (await Promise.all(both)).map(({ outcome }) => outcome);
    assert.deepEqual(outcomes, ['updated', 'updated']);
    assert.equal(remote.updates.steps.filter((step) => step === 'try app').length, 1);
  });

  it('waits for what the board is being brought already, unless it is cancelled meanwhile', async () => {
    await withBoard();
    const cancelled = new AbortController();
    const first = board.deploy(await release('1'));
    const second = errorOf(board.deploy(await release('2'), { signal: cancelled.signal }));
    const third = board.deploy(await release('3'));
    cancelled.abort();
    assert.ok((await second) instanceof AbortedError);
    assert.equal((await first).outcome, 'updated');
    const { outcome, before } = await third;
    assert.deepEqual([outcome, before], ['updated', '1']);
    const steps = ['stage app', 'fetch app', 'try app'];
    assert.deepEqual(remote.updates.steps, [...steps, ...steps]);
  });

  it('is refused while something else is on trial', async () => {
    await withBoard({ failsAt: { stage: 'trial config 3 is on trial: wait, or undo it' } });
    const error = (await errorOf(board.deploy(await release()))) as BoardFileError;
    assert.deepEqual([error.reason, error.badge], ['trial', 'another is on trial']);
    assert.match(
      error.message,
      /^oven 2 on the board shed\/1: config 3 is on trial: wait, or undo it\.$/,
    );
  });

  it('tells what the board has not that it needs', async () => {
    await withBoard({ failsAt: { stage: 'needs it needs MicroPython 1.30, this is 1.27' } });
    const error = (await errorOf(board.deploy(await release()))) as BoardFileError;
    assert.equal(error.reason, 'needs');
    assert.match(error.message, /MicroPython 1\.30.*Nothing was changed/s);
  });

  it('gives back the room of what did not fit', async () => {
    await withBoard({ failsAt: { fetch: 'full it needs 9 bytes, 3 are free' } });
    const error = (await errorOf(board.deploy(await release()))) as BoardFileError;
    assert.equal(error.reason, 'full');
    assert.equal(remote.updates.steps.at(-1), 'drop app');
  });

  it('is not begun with compiled files where the board does not load them', async () => {
    await withBoard();
    const files = [{ path: 'a.py', data: 'print(1)\n' }];
    const compiled = await buildRelease({ slot: 'app', name: 'a', files, bytecode: true });
    const error = (await errorOf(board.deploy(compiled))) as BoardFileError;
    assert.equal(error.reason, 'needs');
    await bench.clear();
    ({ board } = await bench.scene(PREFIX, { updates: {}, info: { bytecode: 6 } }));
    assert.equal((await board.deploy(compiled)).outcome, 'updated');
  });

  it('is refused, in words, by firmware that knows no releases, and by boards of version 1', async () => {
    ({ remote, board } = await bench.scene(PREFIX));
    const older = await errorOf(board.deploy(await release()));
    assert.ok(older instanceof BoardRefusedError);
    assert.match(older.message, /knows no releases: bring it up to date once/);
    await bench.clear();
    ({ remote, board } = await bench.scene(PREFIX, { info: { wire: 1 } }));
    const first = await errorOf(board.deploy(await release()));
    assert.ok(first instanceof BoardRefusedError);
    assert.match(first.message, /version 1 of the wire.*oven 2/);
  });

  it('ends when its caller gives up, and leaves the board to itself', async () => {
    await withBoard({ becomes: 'never' });
    const giveUp = new AbortController();
    const onProgress = ({ phase }: UpdateProgress) => phase === 'trial' && giveUp.abort();
    const error = await errorOf(
      board.deploy(await release(), { signal: giveUp.signal, onProgress }),
    );
    assert.equal(error.code, 'ABORTED');
    assert.equal(remote.updates.update?.state, 'trial');
  });

  it('gets over a link that breaks while it waits for the end of the trial', async () => {
    const scene = await bench.scene(PREFIX, { updates: { becomes: 'never' } });
    ({ remote, board } = scene);
    const onProgress = ({ phase }: UpdateProgress) => {
      if (phase !== 'trial') return;
      scene.broker.dropConnections();
      remote.updates.behaviour.becomes = 'confirmed';
      remote.updates.decide();
    };
    assert.equal((await board.deploy(await release(), { onProgress })).outcome, 'updated');
  });
});

describe('Rolling a slot back', () => {
  const bench = new Workbench();
  afterEach(() => bench.clear());

  async function withTwo(updates: UpdatesBehaviour = {}) {
    const scene = await bench.scene(PREFIX, { updates });
    await scene.board.deploy(await release('1'));
    await scene.board.deploy(await release('2'));
    return scene;
  }

  it('is over when the release before is confirmed', async () => {
    const { board, remote } = await withTwo();
    const { elapsedMs, ...result } = await board.rollback('app', { why: 'too hot' });
    const expected = { outcome: 'updated', what: 'app', version: '1', before: '2', wireBytes: 0 };
    assert.deepEqual(result, expected);
    assert.equal(remote.updates.steps.at(-1), 'undo app');
  });

  it('tells when the release before did not prove itself either', async () => {
    const { board, remote } = await withTwo();
    remote.updates.behaviour.becomes = { why: 'it hung' };
    const { outcome, reason } = await board.rollback('app');
    assert.deepEqual([outcome, reason], ['rolled-back', 'it hung']);
  });

  it('is asked for again where the board restarted before it had noted it', async () => {
    const { board, remote } = await withTwo({});
    remote.updates.behaviour.restartsAtTry = ['before'];
    assert.equal((await board.rollback('app')).outcome, 'updated');
  });

  it('says what the board said where there is nothing to go back to', async () => {
    const { board, remote } = await withTwo();
    remote.updates.behaviour.failsAt = { undo: 'missing there is no release before' };
    const error = await errorOf(board.rollback('app'));
    assert.match(error.message, /there is no release before/);
  });
});

describe('What is on a board', () => {
  const bench = new Workbench();
  afterEach(() => bench.clear());

  it('is listed by slots', async () => {
    const { board } = await bench.scene(PREFIX, { updates: {} });
    await board.deploy(await release('1'));
    const { slots, update, free } = await board.releases();
    assert.deepEqual(slots.app, { name: 'oven', version: '1', modified: [] });
    assert.deepEqual([update?.state, update?.version, free], ['confirmed', '1', 1000]);
    assert.equal(slots.config, undefined);
  });

  it('is confirmed by hand, whatever is on trial', async () => {
    const { board, remote } = await bench.scene(PREFIX, { updates: { becomes: 'never' } });
    const onProgress = ({ phase }: UpdateProgress) => phase === 'trial' && void board.confirm();
    const { outcome } = await board.deploy(await release(), { onProgress });
    assert.equal(outcome, 'updated');
    assert.equal(remote.updates.steps.at(-1), 'confirm image');
  });
});
