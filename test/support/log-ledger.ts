import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { untilMessage } from './until-message';

/** A numbered line as the wire has it; see "Log lines" in docs/protocol.md. */
const LINE = /^([CEWID]) ([\d:.]+)#([0-9a-f]{3})\.(\d+)(~?)(\+?)(&?) +([^ :]+): (.*)$/s;

export interface Arrival {
  seq: number;
  level: string;
  name: string;
  text: string;
  backlog: boolean;
  goesOn: boolean;
}

/** What arrived of the log of one boot of a board. */
export class BootLedger {
  /** Each line once, in the order of its first arrival; without the notices of lines that were lost. */
  readonly arrived: Arrival[] = [];
  /** Numbers that a notice counted. A notice that grew after it had arrived counts some again. */
  readonly counted = new Set<number>();
  redelivered = 0;
  /** Lines that first arrived after one with a higher number. */
  disorder = 0;
  highest = 0;
  readonly #seen = new Set<number>();
  readonly #notices = new Set<number>();

  take(arrival: Arrival): void {
    const { seq, name, text } = arrival;
    const notice = name === 'logging' ? /^(\d+) lines? lost/.exec(text) : null;
    const known = notice ? this.#notices : this.#seen;
    if (known.has(seq)) {
      this.redelivered += 1;
      return;
    }
    known.add(seq);
    if (seq < this.highest) this.disorder += 1;
    this.highest = Math.max(this.highest, seq);
    if (notice) this.#count(seq, Number(notice[1]));
    else this.arrived.push(arrival);
  }

  /** Numbers up to `said` that neither arrived nor were counted. */
  unaccounted(said: number): number[] {
    const numbers = Array.from({ length: said }, (_, i) => i + 1);
    return numbers.filter((seq) => !this.#seen.has(seq) && !this.counted.has(seq));
  }

  /** How many lines were counted, and did not arrive. */
  get lost(): number {
    return [...this.counted].filter((seq) => !this.#seen.has(seq)).length;
  }

  /** Lines that were counted as lost, and arrived: the broker's acknowledgement had been lost. */
  get both(): number {
    return this.counted.size - this.lost;
  }

  #count(last: number, lines: number): void {
    for (let seq = last - lines + 1; seq <= last; seq += 1) this.counted.add(seq);
  }
}

/** An MQTT client that knows nothing of us, and keeps the books of a board's log. */
export class LogLedger {
  /** By the mark of the boot, in the order of their first line. */
  readonly boots = new Map<string, BootLedger>();
  /** Messages that are no numbered line. */
  readonly strange: string[] = [];

  private constructor(
    private readonly client: MqttClient,
    private readonly topic: string,
  ) {
    client.on('message', (_topic, payload) => this.#take(payload.toString()));
  }

  /** The broker keeps its session: what comes while it reconnects is not lost. */
  static async listen(url: string, prefix: string, options: IClientOptions = {}) {
    const client = await connectAsync(url, {
      ...{ clean: false, clientId: `ledger-${prefix.replaceAll('/', '-')}`, reconnectPeriod: 50 },
      ...options,
    });
    client.on('error', () => {}); // the broker may be down
    const ledger = new LogLedger(client, `${prefix}/log`);
    await ledger.connected();
    return ledger;
  }

  /** The boot that said its first line last. */
  get latest(): BootLedger {
    const latest = [...this.boots.values()].at(-1);
    if (!latest) throw new Error('no line arrived yet');
    return latest;
  }

  /** Waits until `condition` holds, looking at each message. */
  until(condition: () => boolean, what: string): Promise<boolean> {
    return untilMessage(this.client, condition, what);
  }

  /** Waits until this client is connected again, to a broker that may have forgotten it. */
  async connected(): Promise<void> {
    if (!this.client.connected) {
      await new Promise<void>((resolve) => this.client.once('connect', () => resolve()));
    }
    await this.client.subscribeAsync(this.topic, { qos: 1 });
  }

  async close(): Promise<void> {
    await this.client.endAsync(true);
  }

  #take(payload: string): void {
    const match = LINE.exec(payload);
    if (!match) {
      this.strange.push(payload);
      return;
    }
    const [, level = '', , boot = '', seq, backlog, more, rest, name = '', text = ''] = match;
    const goesOn = Boolean(more || rest);
    const ledger = this.boots.get(boot) ?? new BootLedger();
    this.boots.set(boot, ledger);
    ledger.take({ seq: Number(seq), level, name, text, backlog: backlog === '~', goesOn });
  }
}
