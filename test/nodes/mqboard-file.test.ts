import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Broker } from '../../demo/broker';
import { VirtualBoard } from '../../simulator/index';
import {
  connected,
  fileNode,
  helper,
  loadFlow,
  next,
  node,
  type Received,
  serverNode,
  status,
  surroundings,
} from './support/flow';

interface Told {
  action: string;
  path: string;
  size: number;
  sha256: string;
  unchanged: boolean;
  elapsedMs: number;
}

interface Caught extends Received {
  error: { message: string; code: string; cause: { code: string; board: string; path: string } };
}

const sha256 = (data: Buffer | string) => createHash('sha256').update(data).digest('hex');

describe('An mqboard-file node, with a real board', function () {
  this.timeout(60_000);
  let broker: Broker;
  let board: VirtualBoard;
  let userDir: string;

  before(async () => {
    broker = await Broker.start();
    board = new VirtualBoard({ url: broker.url, prefix: 'shed' });
    await board.start();
    await board.waitForLine(/ready for commands/, 30_000);
  });
  after(async () => {
    await board?.stop();
    await broker.stop();
  });

  beforeEach(() => {
    userDir = mkdtempSync(join(tmpdir(), 'mqboard-file-'));
    helper.settings({ userDir });
  });
  afterEach(async () => {
    await helper.unload();
    rmSync(userDir, { recursive: true, force: true });
  });

  async function start(settings: object = {}): Promise<void> {
    await helper.unload();
    await loadFlow([...surroundings(), serverNode(broker.url), fileNode(settings)] as never);
    await status('file', connected);
  }

  async function ask(msg: object = {}): Promise<Received & { mqboard: Told }> {
    const answer = next('out');
    const caught = next('caught').then(({ error }) => {
      throw new Error((error as { message: string }).message);
    });
    node('file').receive(msg);
    return (await Promise.race([answer, caught])) as never;
  }

  async function fail(msg: object = {}): Promise<Caught> {
    const caught = next('caught');
    node('file').receive(msg);
    return (await caught) as Caught;
  }

  /** One action after the other, with a node that takes everything from the message. */
  const general = {
    action: 'msg',
    path: 'path',
    pathType: 'msg',
    to: 'to',
    toType: 'msg',
    what: 'all',
    recursive: true,
    hashes: true,
  };

  it('puts a text and gets it again', async () => {
    await start({ action: 'put', path: '/put/a.txt' });
    const put = await ask({ payload: 'Grüße', topic: 'kept', parts: { id: 'x', index: 0 } });
    assert.equal(put.topic, 'kept');
    assert.deepEqual(put.parts, { id: 'x', index: 0 });
    assert.equal(put.board, 'shed');
    assert.equal(put.mqboard.action, 'put');
    assert.equal(put.mqboard.path, '/put/a.txt');
    assert.equal(put.mqboard.size, 7);
    assert.equal(put.mqboard.sha256, sha256('Grüße'));
    assert.equal(put.mqboard.unchanged, false);
    await start({ action: 'get', path: '/put/a.txt', result: 'content.text' });
    const got = await ask({ payload: 'kept' });
    assert.deepEqual(got.content, { text: 'Grüße' });
    assert.equal(got.payload, 'kept');
    assert.equal(got.mqboard.sha256, put.mqboard.sha256);
  });
});
