import { AirSocket } from './air-socket';
import { EAI_FAIL, errnoOf } from './lwip-errors';
import type { Network } from './network';
import { ntpReply } from './ntp-server';
import { ANSWER_BYTES, type Answer } from './wasm-link';

const READABLE = 1;
const WRITABLE = 4;

/** A request of an NTP client, and the answers that wait for it. */
class NtpSocket {
  readonly #answers: Buffer[] = [];

  send(data: Uint8Array): void {
    this.#answers.push(ntpReply(data));
  }

  take(): Buffer | undefined {
    return this.#answers.shift();
  }

  get readable(): boolean {
    return this.#answers.length > 0;
  }
}

/**
 * The sockets of a board whose interpreter has none: the far side of the socket model. The calls are
 * lines of text, `verb id arguments`; `wait` is in milliseconds, 0 not to wait and -1 for ever.
 */
export class BoardSockets {
  readonly #tcp = new Map<number, AirSocket>();
  readonly #udp = new Map<number, NtpSocket>();
  #lastId = 0;

  constructor(private readonly network: Network) {}

  async call(line: string, data: Uint8Array = new Uint8Array()): Promise<Answer> {
    const [verb = '', ...words] = line.split(' ');
    const [id = 0, a = 0, b = 0] = words.map(Number);
    switch (verb) {
      case 'resolve':
        return this.#resolve(words[0] ?? '', a);
      case 'tcp':
        this.#tcp.set(++this.#lastId, new AirSocket(this.network));
        return { value: this.#lastId };
      case 'udp':
        this.#udp.set(++this.#lastId, new NtpSocket());
        return { value: this.#lastId };
      case 'close':
        this.#close(id);
        return { value: 0 };
      case 'connect':
        return this.#of(id).connect(words[1] ?? '', b, Number(words[3]));
      case 'tls':
        return this.#of(id).startTls(JSON.parse(Buffer.from(data).toString()), a);
      case 'send':
        return this.#of(id).send(data, a);
      case 'receive':
        return this.#of(id).receive(Math.min(a, ANSWER_BYTES), b);
      case 'sendto':
        if (this.network.carries && a === 123) this.#udp.get(id)?.send(data);
        return { value: data.length };
      case 'receivefrom':
        return this.#receiveFrom(id, a);
      case 'poll':
        return this.#poll(words.slice(1), id);
      default:
        throw new Error(`the socket model asked: ${line}`);
    }
  }

  /** Closes all: the interpreter is gone. */
  close(): void {
    for (const id of this.#tcp.keys()) this.#close(id);
  }

  #of(id: number): AirSocket {
    const socket = this.#tcp.get(id);
    if (!socket) throw new Error(`no TCP socket ${id}`);
    return socket;
  }

  #close(id: number): void {
    this.#tcp.get(id)?.close();
    this.#tcp.delete(id);
    this.#udp.delete(id);
  }

  async #resolve(host: string, port: number): Promise<Answer> {
    // Every NTP server is the virtual network's own: its name need not exist.
    const name = port === 123 ? 'localhost' : host;
    const address = await this.network.resolve(name);
    if (address) return { value: 0, data: Buffer.from(address) };
    return { value: EAI_FAIL };
  }

  async #receiveFrom(id: number, wait: number): Promise<Answer> {
    const answer = this.#udp.get(id)?.take();
    if (answer) return { value: answer.length, data: answer };
    // The virtual NTP server answers at once, so nothing will come that is not here.
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    return { value: -errnoOf(wait ? 'ETIMEDOUT' : 'EAGAIN') };
  }

  /** Which of `id:flags` are ready, in the same form; waits for the first. */
  #poll(wanted: string[], wait: number): Promise<Answer> {
    const ready = () =>
      wanted.flatMap((word) => {
        const [id = 0, flags = 0] = word.split(':').map(Number);
        const now = this.#readiness(id) & flags;
        return now ? [`${id}:${now}`] : [];
      });
    const text = (words: string[]): Answer => ({
      value: words.length,
      data: Buffer.from(words.join(' ')),
    });
    const now = ready();
    if (now.length || wait === 0) return Promise.resolve(text(now));
    return new Promise((resolve) => {
      const sockets = wanted.flatMap((word) => this.#tcp.get(Number.parseInt(word, 10)) ?? []);
      let timer: NodeJS.Timeout | undefined;
      const look = () => {
        const words = ready();
        if (words.length) finish(words);
      };
      const finish = (words: string[]) => {
        clearTimeout(timer);
        for (const socket of sockets) socket.off('change', look);
        resolve(text(words));
      };
      for (const socket of sockets) socket.on('change', look);
      if (wait > 0) timer = setTimeout(() => finish([]), wait);
    });
  }

  #readiness(id: number): number {
    const tcp = this.#tcp.get(id);
    if (tcp) return (tcp.readable ? READABLE : 0) | (tcp.writable ? WRITABLE : 0);
    return WRITABLE | (this.#udp.get(id)?.readable ? READABLE : 0);
  }
}
