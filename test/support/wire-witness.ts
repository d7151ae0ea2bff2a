import { connectAsync, type MqttClient } from 'mqtt';
import { untilMessage } from './until-message';

interface Heard {
  topic: string;
  text: string;
  retained: boolean;
}

/** A bare MQTT client that remembers everything that is published below a prefix. */
export class WireWitness {
  readonly heard: Heard[] = [];

  private constructor(readonly client: MqttClient) {
    client.setMaxListeners(0);
    client.on('message', (topic, payload, { retain }) => {
      this.heard.push({ topic, text: payload.toString(), retained: retain });
    });
  }

  static async listen(url: string, prefix: string): Promise<WireWitness> {
    const client = await connectAsync(url);
    const witness = new WireWitness(client);
    await client.subscribeAsync(`${prefix}/#`, { qos: 1 });
    return witness;
  }

  /** What was published there, the oldest first; `behind` is the position of an earlier moment. */
  on(topic: RegExp, behind = 0): Heard[] {
    return this.heard.slice(behind).filter((message) => topic.test(message.topic));
  }

  /** Waits until `found` finds something in what was heard. */
  until<T>(found: () => T | undefined | false, what: string): Promise<T> {
    return untilMessage(this.client, found, what);
  }

  async close(): Promise<void> {
    await this.client.endAsync(true);
  }
}
