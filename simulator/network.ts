import { lookup } from 'node:dns/promises';
import { EventEmitter } from 'node:events';

/** lwIP's "no such name", which is also what an ESP32 without Wi-Fi says to a lookup. */
export const EAI_FAIL = -202;

/**
 * The air between the board and its access point. It carries while the board has joined and the
 * access point is there; else nothing comes through in either direction, and nobody is told.
 */
export class Network extends EventEmitter<{ carries: [boolean]; lose: [] }> {
  #accessPoint = true;
  #joined = false;

  get accessPoint(): boolean {
    return this.#accessPoint;
  }

  get carries(): boolean {
    return this.#accessPoint && this.#joined;
  }

  /** The outage switch. */
  setAccessPoint(on: boolean): void {
    this.#change(() => {
      this.#accessPoint = on;
    });
  }

  setJoined(joined: boolean): void {
    this.#change(() => {
      this.#joined = joined;
    });
  }

  /** Open connections fall silent for ever, as behind a router that restarted; new ones work. */
  loseConnections(): void {
    this.emit('lose');
  }

  /** IPv4 address of a host; undefined where the name is unknown or the network is down. */
  async resolve(host: string): Promise<string | undefined> {
    if (!this.carries) return undefined;
    try {
      return (await lookup(host, { family: 4 })).address;
    } catch {
      return undefined;
    }
  }

  #change(apply: () => void): void {
    const before = this.carries;
    apply();
    if (this.carries !== before) this.emit('carries', this.carries);
  }
}
