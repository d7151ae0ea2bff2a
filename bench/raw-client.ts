import { connectAsync, type MqttClient } from 'mqtt';

/** The least client on the host's side: it publishes, and waits for the next message. */
export class RawClient {
  private constructor(private readonly client: MqttClient) {}

  /** Listens to what `filter` lets through, at that QoS. */
  static async listen(url: string, filter: string, qos: 0 | 1): Promise<RawClient> {
    const client = await connectAsync(url);
    // As Connection does: without it, QoS 1 costs another 40 ms.
    (client.stream as import('node:net').Socket).setNoDelay(true);
    await client.subscribeAsync(filter, { qos });
    return new RawClient(client);
  }

  /** Publishes, and returns the payload of the message that comes next. */
  ask(topic: string, payload: Buffer, qos: 0 | 1): Promise<Buffer> {
    return new Promise((resolve) => {
      this.client.once('message', (_topic, answer) => resolve(answer));
      this.client.publish(topic, payload, { qos });
    });
  }

  /** Calls back with each message. */
  each(heard: (payload: Buffer) => void): void {
    this.client.on('message', (_topic, payload) => heard(payload));
  }

  async close(): Promise<void> {
    await this.client.endAsync();
  }
}
