import { connectAsync } from 'mqtt';
import { startPython } from './python';

/** Runs that are not counted: the host's code is compiled in them. */
export const WARM_UP = 10;

export interface CeilingOptions {
  /** Port of a broker on this machine. */
  port: number;
  /** Bytes in all, and in one publish. */
  size: number;
  chunk: number;
  qos: 0 | 1;
  /**
   * `packets` throws them away one by one; `buffer` reads 32 kB at once and writes to `file`; `verified` reads
   * that back and hashes it, too.
   */
  how: 'packets' | 'buffer' | 'verified';
  file: string;
}

/**
 * How fast a bare MicroPython client takes publishes, in kB/s, from the first publish until its word
 * that it has them all has come back: what a transfer can be compared with.
 */
export async function ceiling(options: CeilingOptions, runs: number): Promise<number[]> {
  const { port, size, chunk, qos, how, file } = options;
  const args = [port, qos, size, how, file].map(String);
  const sink = await startPython('ceiling.py', args, { options: ['-X', 'heapsize=512k'] });
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`);
  (client.stream as import('node:net').Socket).setNoDelay(true);
  const payload = Buffer.alloc(chunk, 'x');
  try {
    await client.subscribeAsync('bench/done', { qos: 0 });
    const rates: number[] = [];
    for (let run = -WARM_UP; run < runs; run += 1) {
      const done = new Promise((resolve) => client.once('message', resolve));
      const started = performance.now();
      for (let sent = 0; sent < size; sent += chunk) {
        client.publish('bench/flow', payload.subarray(0, size - sent), { qos });
      }
      await done;
      if (run >= 0) rates.push(size / 1.024 / (performance.now() - started));
    }
    return rates;
  } finally {
    await client.endAsync();
    await sink.stop();
  }
}
