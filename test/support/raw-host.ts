import mqtt, { type MqttClient } from 'mqtt';
import { Broker } from '../../demo/broker';
import { VirtualBoard, type VirtualBoardOptions } from '../../simulator';

export interface Message {
  topic: string;
  payload: Buffer;
  qos: number;
}

/** Takes messages in the order of their arrival; each is waited for and taken once. */
export class RawHost {
  private readonly messages: Message[] = [];
  private wake: () => void = () => {};

  private constructor(
    readonly broker: Broker,
    readonly board: VirtualBoard,
    readonly client: MqttClient,
  ) {
    client.on('message', (topic, payload, { qos }) => {
      this.messages.push({ topic, payload, qos });
      this.wake();
    });
  }

  /** A broker, a virtual board that is online below `prefix`, and a client that hears its replies. */
  static async start(prefix: string, options: Partial<VirtualBoardOptions> = {}): Promise<RawHost> {
    const broker = await Broker.start();
    const client = await mqtt.connectAsync(broker.url);
    const board = new VirtualBoard({ url: broker.url, prefix, ...options });
    const host = new RawHost(broker, board, client);
    const topics = ['reply/#', '2/reply/+', 'status', 'info'].map(
      (name) => `${prefix}/mqb/${name}`,
    );
    await client.subscribeAsync([...topics, `${prefix}/log`], { qos: 1 });
    await board.start();
    await host.message(({ payload }) => payload.toString() === 'online');
    return host;
  }

  /** The next message that is wanted; those before it are thrown away. */
  async message(wanted: (message: Message) => boolean, timeoutMs = 10_000): Promise<Message> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      for (let found = this.messages.shift(); found; found = this.messages.shift()) {
        if (wanted(found)) return found;
      }
      if (Date.now() > deadline) throw new Error(`no such message within ${timeoutMs} ms`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, deadline - Date.now() + 1);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  async stop(): Promise<void> {
    await this.client.endAsync(true);
    await this.board.stop();
    await this.broker.stop();
  }
}
