import assert from 'node:assert/strict';
import { connectAsync } from 'mqtt';
import { decodeFrame } from '../../core/protocol/frame';
import { decodeGoOn } from '../../core/protocol/go-on';
import { contents } from '../support/contents';
import { boardAt, hostAt, proxyTo, stageOf, started, urlOf } from '../support/stage';
import { Workbench } from './support';

const PREFIX = 'far/board';
const SIZE = 300_000;

describe('A board that is far away, over a link that is wide', () => {
  const bench = new Workbench();
  afterEach(() => bench.clear());

  it('lets more be under way than at first, although each answer takes long', async () => {
    const stage = await stageOf('aedes', bench);
    const proxy = await proxyTo(stage, bench);
    await started(boardAt(stage, bench, { prefix: PREFIX, port: proxy.port, runtime: 'wasm' }));
    const board = bench.board(await hostAt(stage, bench), PREFIX);
    const windows: number[] = [];
    const listener = bench.keep(await connectAsync(urlOf(stage, stage.port)), (client) =>
      client.endAsync(),
    );
    listener.on('message', (_topic, payload) => {
      const frame = decodeFrame(payload);
      const goOn = frame?.kind === 'g' ? decodeGoOn(frame.data) : undefined;
      if (frame && goOn) windows.push(goOn.end - frame.n);
    });
    await listener.subscribeAsync(`${PREFIX}/mqb/2/reply/+`);
    proxy.delay(150);
    await board.put('/far.bin', contents.random(SIZE, 1));
    const [first = 0] = windows;
    assert.ok(Math.max(...windows) >= 4 * first, `windows: ${windows}`);
  });
});
