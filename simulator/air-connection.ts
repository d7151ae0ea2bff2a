import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { Network } from './network';

/**
 * The board's end of a TCP connection through the air. While the network does not carry, neither data
 * nor the connection's end passes; a lost connection never passes anything again.
 */
export class AirConnection extends Duplex {
  #held: (() => void)[] = [];
  #lost = false;
  #onCarries = (carries: boolean) => {
    if (!carries) {
      this.remote.pause();
      return;
    }
    for (const step of this.#held.splice(0)) step();
    this.remote.resume();
  };

  constructor(
    private readonly network: Network,
    private readonly remote: Socket,
  ) {
    super();
    remote.on('data', (data) => {
      if (!this.#lost && !this.push(data)) remote.pause();
    });
    remote.on('end', () => this.#pass(() => this.push(null)));
    remote.on('error', (error) => this.#pass(() => this.destroy(error)));
    remote.on('close', () => {
      if (!remote.readableEnded) this.#pass(() => this.destroy());
      network.off('carries', this.#onCarries);
    });
    network.on('carries', this.#onCarries);
    this.#onCarries(network.carries);
  }

  /** What happens to it when the board loses its power: the other side is told nothing. */
  lose(): void {
    this.#lost = true;
    this.#held = [];
    this.network.off('carries', this.#onCarries);
    this.remote.resume(); // so that the other side's own end is noticed, and the socket freed
  }

  override _read(): void {
    if (this.network.carries) this.remote.resume();
  }

  override _write(data: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#pass(() => this.remote.write(data, done));
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#pass(() => this.remote.end());
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#pass(() => this.remote.destroy());
    done(error);
  }

  #pass(step: () => void): void {
    if (this.#lost) return;
    if (this.network.carries) step();
    else this.#held.push(step);
  }
}
