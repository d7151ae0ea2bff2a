import { EventEmitter, once } from 'node:events';
import { node, type Received } from '../nodes/support/flow';

/** What came out of the outputs of a node of type mqboard-log; see `logEnds`. */
export class FlowEnds {
  readonly #got: { output: string; message: Received }[] = [];
  readonly #arrivals = new EventEmitter<{ message: [] }>().setMaxListeners(0);

  constructor() {
    for (const output of ['crashes', 'presence']) {
      node(output).on('input', ((message: Received) => {
        this.#got.push({ output, message });
        this.#arrivals.emit('message');
      }) as never);
    }
  }

  /** The payloads of one board's messages. */
  of<T>(output: 'crashes' | 'presence', board: string): T[] {
    return this.#got
      .filter(({ output: other, message }) => other === output && message.topic === board)
      .map(({ message }) => message.payload as T);
  }

  /** Waits until `condition` holds, looking at each message. */
  async until(condition: () => boolean, what: string, timeoutMs = 40_000): Promise<void> {
    const signal = AbortSignal.timeout(timeoutMs);
    while (!condition()) {
      await once(this.#arrivals, 'message', { signal }).catch(() => {
        throw new Error(`${what}: not within ${timeoutMs} ms`);
      });
    }
  }
}
