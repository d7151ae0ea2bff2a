import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { startMosquitto } from '../test/support/mosquitto';
import type { Figure } from './figures';
import { withBareBoard } from './session';

const PREFIX = 'bench/wire';
const python = readFileSync(join(__dirname, '../firmware/lib/mqtt_async/link.py'));

const FILES: Array<[what: string, content: Buffer]> = [
  ['10 kB that do not compress', randomBytes(10 * 1024)],
  ['1 MB that do not compress', randomBytes(2 ** 20)],
  ['9 kB of Python', python],
  ['100 kB of Python', Buffer.concat(Array(12).fill(python)).subarray(0, 100 * 1024)],
];

/**
 * What goes over a board's TCP connection, both directions and all of MQTT included and TLS not, for
 * each byte of a file.
 */
export async function measure(): Promise<Figure[]> {
  const broker = await startMosquitto({});
  const meter = await startMeter(broker.port);
  const { port } = meter;
  const figures: Figure[] = [];
  const spent = async (what: string, bytes: number, work: () => Promise<unknown>) => {
    const before = meter.bytes();
    await work();
    const value = (meter.bytes() - before) / bytes;
    figures.push({ what, value, unit: 'bytes a byte' });
  };
  try {
    await withBareBoard(broker.url, { port, prefix: PREFIX, heapKilobytes: 512 }, async (board) => {
      for (const [what, content] of FILES) {
        await spent(`put of ${what}`, content.length, () => board.put('/wire.bin', content));
        await spent(`get of ${what}`, content.length, () => board.get('/wire.bin'));
      }
    });
    return figures;
  } finally {
    await meter.stop();
    await broker.stop();
  }
}

/** Stands before a port of this machine and counts. */
async function startMeter(target: number) {
  let carried = 0;
  const server = createServer((client) => {
    const broker = connect(target, '127.0.0.1');
    for (const [from, to] of [
      [client, broker],
      [broker, client],
    ] as const) {
      from.setNoDelay(true);
      from.on('data', (data) => {
        carried += data.length;
      });
      from.on('error', () => to.destroy());
      from.pipe(to);
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    bytes: () => carried,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}
