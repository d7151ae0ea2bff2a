import { once } from 'node:events';
import { Board, Connection } from '../core/index';
import { startMosquitto } from '../test/support/mosquitto';
import { startBareBoard } from './bare-board';
import { type Figure, percentile } from './figures';
import { startPython } from './python';
import { RawClient } from './raw-client';

const SAMPLES = 4_000;
const SAMPLES_QOS_1 = 100;
const WARM_UP = 500;
const PREFIX = 'bench/eval';
/** Of both MicroPython programs: on 64 bits about what an ESP32's 128 kB are on 32. */
const HEAP_KILOBYTES = 256;

type RoundTrip = () => Promise<void>;

/**
 * Round trip of `eval 45+876` on a board of the unix port, against a publish of the same size that a
 * bare MicroPython client echoes, in turns, through one mosquitto with its default settings. The hand-made
 * frames in between show what is the board's share, and what is ours on the host.
 */
export async function measure(): Promise<Figure[]> {
  const broker = await startMosquitto({});
  const { port, url } = broker;
  const echo = await startPython('echo.py', [String(port), '0'], HEAP);
  const echo1 = await startPython('echo.py', [String(port), '1'], HEAP);
  const bare = await startBareBoard({ port, prefix: PREFIX, heapKilobytes: HEAP_KILOBYTES });
  const connection = new Connection({ url });
  const clients: RawClient[] = [];
  const listen = async (filter: string, qos: 0 | 1) => {
    const client = await RawClient.listen(url, filter, qos);
    clients.push(client);
    return client;
  };
  try {
    connection.open();
    await once(connection, 'connected');
    const board = new Board(connection, PREFIX);
    const way0 = await inTurns(SAMPLES, {
      echo: echoed(await listen('bench/out/0', 0), 0),
      frames: await framesByHand(await listen(`${PREFIX}/mqb/2/reply/benchraw`, 0)),
      eval: async () => expect921((await board.eval('45+876')).text),
    });
    board.close();
    const way1 = await inTurns(SAMPLES_QOS_1, {
      echo: echoed(await listen('bench/out/1', 1), 1),
      version1: messagesByHand(await listen(`${PREFIX}/mqb/reply/out/+`, 1)),
    });
    return [
      ...compared('Board.eval', way0.eval, 'echo', way0.echo),
      ...compared('frames of version 2 by hand', way0.frames, 'echo', way0.echo),
      ...compared('messages of version 1 by hand', way1.version1, 'echo at QoS 1', way1.echo),
    ];
  } finally {
    for (const client of clients) await client.close();
    await connection.close();
    for (const program of [bare, echo, echo1, broker]) await program.stop();
  }
}

const HEAP = { options: ['-X', `heapsize=${HEAP_KILOBYTES}k`] };

/** One call of each after the other, so that whatever happens on the machine happens to all; in ms. */
async function inTurns<K extends string>(
  times: number,
  calls: Record<K, RoundTrip>,
): Promise<Record<K, number[]>> {
  const names = Object.keys(calls) as K[];
  const took = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<
    K,
    number[]
  >;
  for (let i = -Math.min(WARM_UP, times / 4); i < times; i += 1) {
    for (const name of names) {
      const started = performance.now();
      await calls[name]();
      if (i >= 0) took[name].push(performance.now() - started);
    }
  }
  return took;
}

function compared(what: string, samples: number[], other: string, others: number[]): Figure[] {
  return [0.5, 0.99].map((share) => ({
    what: `${what}, p${share * 100}`,
    value: percentile(samples, share),
    unit: 'ms',
    against: { what: other, value: percentile(others, share) },
  }));
}

/** A payload as large as the command is. */
function echoed(client: RawClient, qos: 0 | 1): RoundTrip {
  const payload = frame('c', 1, 0, commandLine(2 ** 29, 2 ** 29));
  return async () => {
    await client.ask(`bench/in/${qos}`, payload, qos);
  };
}

/** What Board.eval sends and gets, with nothing around it. */
async function framesByHand(client: RawClient): Promise<RoundTrip> {
  const topic = `${PREFIX}/mqb/2/cmd/benchraw`;
  const hello = await client.ask(topic, frame('h', 0, 1), 0);
  const { boot, ticks } = JSON.parse(hello.subarray(10).toString());
  const command = commandLine(boot, (ticks + 2 ** 28) % 2 ** 30);
  let id = 1;
  return async () => {
    id += 1;
    const reply = await client.ask(topic, frame('c', 1, id, command), 0);
    expect921(reply.subarray(10).toString());
  };
}

function messagesByHand(client: RawClient): RoundTrip {
  const command = Buffer.from('\x80\x0045+876', 'latin1');
  let id = 0;
  return async () => {
    id += 1;
    const topic = `${PREFIX}/mqb/cmd/eval/${String(id).padStart(8, '0')}`;
    const reply = await client.ask(topic, command, 1);
    expect921(reply.subarray(2).toString());
  };
}

function commandLine(boot: number, until: number): string {
  return `${JSON.stringify({ do: 'eval', boot, until })}\n45+876`;
}

function frame(kind: string, flags: number, id: number, data = ''): Buffer {
  const head = Buffer.alloc(10);
  head.write(kind);
  head[1] = flags;
  head.writeUInt32BE(id, 2);
  return Buffer.concat([head, Buffer.from(data)]);
}

function expect921(text: string): void {
  if (text !== '921') throw new Error(`The board said ${text}`);
}
