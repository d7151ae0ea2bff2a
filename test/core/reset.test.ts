import assert from 'node:assert/strict';
import { BoardError, BoardRefusedError } from '../../core/index';
import { appImage } from '../../simulator/app-image';
import type { Behaviour } from '../support/scripted-board';
import { type AnswerV1, ScriptedV1Board } from '../support/scripted-v1-board';
import { errorOf, Workbench } from './support';

const PREFIX = 'shed/1';

describe('Resetting a board', () => {
  const bench = new Workbench();
  afterEach(() => bench.clear());

  const withAnswer = async (reset: NonNullable<Behaviour['answers']>[string]) => {
    const lines: Array<Record<string, unknown>> = [];
    const answers = {
      reset: (line: Record<string, unknown>) => {
        lines.push(line);
        return reset(line);
      },
    };
    return { ...(await bench.scene(PREFIX, { answers })), lines };
  };

  it('is over when the board has taken it', async () => {
    const { board, lines } = await withAnswer(() => ({ value: '{}' }));
    await board.reset('safe', { why: 'to look at it' });
    assert.deepEqual([lines[0]?.how, lines[0]?.why], ['safe', 'to look at it']);
  });

  it('waits, if it is to, until the board is back', async () => {
    const scene = await withAnswer(() => ({ value: '{}' }));
    let back = false;
    const waiting = scene.board.reset('normal', { wait: true }).then(() => assert.ok(back));
    await scene.remote.next('c');
    await scene.remote.announce('offline');
    back = true;
    await scene.remote.restart();
    await waiting;
  });

  it('counts as done when the board is faster than its answer', async () => {
    const scene = await withAnswer(() => ({}));
    const resetting = scene.board.reset('hard');
    await scene.remote.next('c');
    await scene.remote.restart();
    await resetting;
  });

  it('says what the board said against it, and what older firmware is to do', async () => {
    const { board } = await withAnswer(() => ({ failure: 'bad how is none of them' }));
    assert.match((await errorOf(board.reset('soft'))).message, /how is none of them/);
    await bench.clear();
    const { board: older } = await bench.scene(PREFIX);
    const error = await errorOf(older.reset('soft'));
    assert.ok(error instanceof BoardRefusedError);
    assert.match(error.message, /machine\.reset/);
  });
});

describe('A board of version 1', () => {
  const bench = new Workbench();
  afterEach(() => bench.clear());

  const hex = (text: string) => `ffff${Buffer.from(text).toString('hex')}`;
  const withAnswer = async (answer: AnswerV1) => {
    const broker = await bench.broker();
    const remote = await ScriptedV1Board.start(broker.url, PREFIX, answer);
    bench.keep(remote, () => remote.stop());
    const board = bench.board(await bench.connected(broker.url), PREFIX);
    return { board, sources: () => remote.commands.map((payload) => payload.toString('utf8', 2)) };
  };

  for (const [how, mode] of [
    ['normal', 'n'],
    ['safe', 'f'],
    ['soft', 's'],
  ] as const) {
    it(`is reset (${how}) by what the original's tool has it run`, async () => {
      const { board, sources } = await withAnswer(() => ({ out: [hex('None')] }));
      await board.reset(how);
      assert.deepEqual(sources(), ['None', `sys.modules['watchdog'].reset('${mode}')`]);
    });
  }

  it('need not answer what restarts it, and is back when it answers again', async () => {
    let silent = 3;
    const { board, sources } = await withAnswer((_, payload) => {
      const isAsked = payload.toString('utf8', 2) === 'None' && sources().length === 1;
      return isAsked || --silent < 0 ? { out: [hex('None')] } : undefined;
    });
    await board.reset('normal', { wait: true });
    assert.deepEqual(sources().length, 5);
  });

  it('tells what went wrong with it', async () => {
    const { board } = await withAnswer((_, payload) =>
      payload.includes('watchdog') ? { err: "KeyError: 'watchdog'" } : { out: [hex('None')] },
    );
    assert.ok((await errorOf(board.reset('normal'))) instanceof BoardError);
  });

  it('is sent an image as numbered messages, and restarted when it has it', async () => {
    const image = appImage({ size: 20_000 });
    const got: Buffer[] = [];
    const { board, sources } = await withAnswer((command, payload) => {
      if (command === 'eval') return { out: [hex('None')] };
      got.push(payload.subarray(2));
      const n = payload.readUInt16BE(0) & 0x7fff;
      if (payload.readUInt16BE(0) & 0x8000) return { out: [hex('OK')] };
      return n % 8 === 0 ? { out: [hex(`SEQ ${n}`)] } : undefined;
    });
    const { outcome, wireBytes } = await board.flash(image);
    assert.deepEqual([outcome, wireBytes], ['updated', image.length]);
    assert.ok(Buffer.concat(got).equals(image));
    assert.ok(sources().includes("sys.modules['watchdog'].reset('n')"));
  });

  it('tells why it took no image, and is left as it is', async () => {
    const { board, sources } = await withAnswer((command) =>
      command === 'eval' ? { out: [hex('None')] } : { err: 'Traceback\nOSError: no partition' },
    );
    const error = await errorOf(board.flash(appImage({ size: 20_000 })));
    assert.ok(error instanceof BoardRefusedError);
    assert.match(error.message, /OSError: no partition/);
    assert.ok(!sources().some((source) => source.includes('watchdog')));
  });
});
