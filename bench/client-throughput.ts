import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { startMosquitto } from '../test/support/mosquitto';
import { type Figure, median, repeat } from './figures';
import { startPython } from './python';

const RUNS = 5;
const COUNT = 10_000;

/**
 * Messages of 1400 bytes a second at QoS 1 that mqtt_async sends, and takes, on the unix port, against
 * a bare client in its place. The other end is a bare client each time.
 */
export async function measure(): Promise<Figure[]> {
  // A receiver that is slower than the sender is what is measured: nothing may be dropped for it.
  const broker = await startMosquitto({ configLines: ['max_queued_messages 0'] });
  const path = `.frozen:${join(__dirname, '../firmware/lib')}`;

  /** Lets one program send to another, and returns the rate that `measured` gives. */
  const flow = async (source: string, sink: string, measured: 'source' | 'sink') => {
    const args = [String(broker.port), String(COUNT)];
    const programs = {
      sink: await startPython(sink, args, { path }),
      source: await startPython(source, args, { path }),
    };
    const starter = await connectAsync(broker.url);
    try {
      await starter.publishAsync('bench/go', '');
      return Number((await programs[measured].line(/^rate/)).split(' ')[1]);
    } finally {
      await starter.endAsync();
      await programs.source.stop();
      await programs.sink.stop();
    }
  };

  try {
    const runs = await repeat(RUNS, async () => ({
      bareSource: await flow('source.py', 'sink.py', 'source'),
      ourSource: await flow('client_source.py', 'sink.py', 'source'),
      bareSink: await flow('source.py', 'sink.py', 'sink'),
      ourSink: await flow('source.py', 'client_sink.py', 'sink'),
    }));
    const middle = (pick: (run: (typeof runs)[number]) => number) => median(runs.map(pick));
    return [
      {
        what: 'publishes of 1400 bytes at QoS 1, four in flight',
        value: middle(({ ourSource }) => ourSource),
        unit: '/s',
        against: { what: 'a bare client', value: middle(({ bareSource }) => bareSource) },
      },
      {
        what: 'receptions of 1400 bytes at QoS 1',
        value: middle(({ ourSink }) => ourSink),
        unit: '/s',
        against: { what: 'a bare client', value: middle(({ bareSink }) => bareSink) },
      },
    ];
  } finally {
    await broker.stop();
  }
}
