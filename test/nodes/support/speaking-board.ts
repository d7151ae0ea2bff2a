import { once } from 'node:events';
import { connectAsync, type MqttClient } from 'mqtt';

const RETAINED = { qos: 1, retain: true } as const;

/** A board that only talks: its topics, without a board behind them. */
export class SpeakingBoard {
  private seq = 0;

  private constructor(
    private readonly client: MqttClient,
    private readonly prefix: string,
    private readonly boot: number,
  ) {}

  /** Comes online, with `info` on top of what a numbering board says. `boot` below 4096. */
  static async start(
    url: string,
    prefix: string,
    { boot = 0xa4f, ...info }: { boot?: number; [key: string]: unknown } = {},
  ): Promise<SpeakingBoard> {
    const will = {
      topic: `${prefix}/mqb/status`,
      payload: Buffer.from('offline'),
      qos: 1,
    } as const;
    const client = await connectAsync(url, { will: { ...will, retain: true }, reconnectPeriod: 0 });
    const board = new SpeakingBoard(client, prefix, boot);
    const birth = { wire: 2, do: ['eval'], boot, log: 2, up: 1, reset: 'power', ...info };
    await client.publishAsync(`${prefix}/mqb/info`, JSON.stringify(birth), RETAINED);
    await client.publishAsync(`${prefix}/mqb/status`, 'online', RETAINED);
    return board;
  }

  /** One line, as it goes on after `L time`: ` name: text`, or with marks in front. */
  async line(level: string, text: string, { name = 'main', marks = '' } = {}): Promise<void> {
    this.seq += 1;
    const number = `#${this.boot.toString(16).padStart(3, '0')}.${this.seq}${marks}`;
    const line = `${level} 12:00:00.000${number} ${name.padStart(8)}: ${text}`;
    await this.client.publishAsync(`${this.prefix}/log`, line, { qos: 1 });
  }

  /** A message of several lines. */
  async message(level: string, ...lines: string[]): Promise<void> {
    for (const [index, text] of lines.entries()) {
      await this.line(level, text, { marks: index < lines.length - 1 ? '+' : '' });
    }
  }

  async crash(report: { id: string; [key: string]: unknown }): Promise<void> {
    const topic = `${this.prefix}/mqb/crash/${report.id}`;
    await this.client.publishAsync(topic, JSON.stringify(report), RETAINED);
  }

  async sysinfo(values: object): Promise<void> {
    await this.client.publishAsync(`${this.prefix}/sysinfo`, JSON.stringify(values));
  }

  /** Ends without a word, so that its last will is published. */
  async vanish(): Promise<void> {
    const gone = once(this.client.stream, 'close');
    this.client.stream.destroy();
    await gone;
    await this.client.endAsync(true);
  }

  async stop(): Promise<void> {
    await this.client.endAsync();
  }
}
