import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { connectAsync, type MqttClient } from 'mqtt';
import type { Board, EvalOptions } from '../../core/index';
import { VirtualBoard } from '../../simulator';
import { Workbench } from '../core/support';
import { type Mosquitto, startMosquitto } from '../support/mosquitto';

const PREFIX = 'left/over';
/** Four complete replies of up to 4 KiB each may wait on the board for their acknowledgement. */
const KEPT_BYTES = 4 * 4096 + 4096;

describe('A board after a lot of traffic, on the unix port', () => {
  const bench = new Workbench();
  let broker: Mosquitto;
  let board: Board;

  beforeEach(async () => {
    broker = bench.keep(await startMosquitto(), ({ stop }) => stop());
    const virtual = new VirtualBoard({ url: broker.url, prefix: PREFIX, runtime: 'unix' });
    bench.keep(virtual, () => virtual.stop());
    await virtual.start();
    await virtual.waitForLine(/ready for commands/);
    board = bench.board(await bench.connected(broker.url), PREFIX);
    // What is loaded for the first command of its kind stays.
    await Promise.all(['1', 'await asyncio.sleep(0)'].map((source) => board.eval(source)));
    await exchanges(20);
  });
  afterEach(() => bench.clear());

  const number = async (source: string) => Number((await board.eval(source)).value);
  const used = () => number('(gc.collect(), gc.mem_alloc())[1]');
  const running = () => number('len(sys.modules["mqrepl.running"].replies)');

  /** One of each kind at a time: answered, failing, refused, too late, cancelled sooner or later. */
  async function exchanges(count: number): Promise<void> {
    const abortAfter = (milliseconds: number): EvalOptions => {
      const caller = new AbortController();
      setTimeout(() => caller.abort(), milliseconds);
      return { signal: caller.signal };
    };
    for (let i = 0; i < count; i += 10) {
      const calls: Array<[string, EvalOptions?]> = [
        ['1 + 1'],
        ['print("x" * 3000)'],
        ['1 / 0'],
        ['= 1'],
        [`"${'y'.repeat(20_000)}"`],
        ['await asyncio.sleep(0.01)'],
        ['await asyncio.sleep(5)', { timeoutMs: 60 }],
        ['await asyncio.sleep(5)', abortAfter((i % 7) * 5)],
        ['await asyncio.sleep(5)', abortAfter(1)],
        ['len(data)', { variables: { data: Buffer.alloc(3000) } }],
      ];
      await Promise.allSettled(calls.map(([source, options]) => board.eval(source, options)));
    }
  }

  it('has its memory back after exchanges of all kinds', async () => {
    const before = await used();
    await exchanges(600);
    assert.equal(await running(), 0);
    assert.ok((await used()) - before < KEPT_BYTES);
  });

  it('serves its host after random bytes on every topic', async () => {
    const noise: MqttClient = bench.keep(await connectAsync(broker.url), (client) =>
      client.endAsync(true),
    );
    const topics = ['2/cmd/noise', '2/cmd/', 'cmd/eval/noise', 'cmd/eval', 'cmd/', 'cmd/ü/x'];
    for (let i = 0; i < 3000; i++) {
      const payload = randomBytes(Math.floor(Math.random() * (i % 50 === 0 ? 3000 : 60)));
      // Half of them at least look like frames, of few exchanges.
      if (payload.length >= 10 && i % 2 === 0) {
        payload.write('hcax'.charAt((i / 2) % 4), 0, 'latin1');
        payload.writeUInt32BE(i % 5, 2);
        payload.writeUInt32BE(i % 3, 6);
      }
      const topic = `${PREFIX}/mqb/${topics[i % topics.length]}`;
      const sent = noise.publishAsync(topic, payload, { qos: i % 3 === 0 ? 1 : 0 });
      if (i % 100 === 0) await sent;
    }
    assert.equal((await board.eval('45+876', { timeoutMs: 30_000 })).value, 921);
    assert.equal(await running(), 0);
  });
});
