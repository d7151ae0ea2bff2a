import { connectAsync, type MqttClient } from 'mqtt';
import { ClientScript } from './client-script';
import { type Mosquitto, type MosquittoOptions, startMosquitto } from './mosquitto';
import { ScriptedBroker, type ScriptedConnection } from './scripted-broker';

/** What the tests of the board's MQTT client open; closed after each test, the last first. */
const opened: (() => Promise<unknown> | unknown)[] = [];

/** Something of the test's own that has to be closed after it. */
export function closeLater(close: () => Promise<unknown> | unknown): void {
  opened.push(close);
}

/** To be called by each describe that uses one of these. */
export function closeAfterEach(): void {
  afterEach(async () => {
    for (const close of opened.splice(0).reverse()) await close();
  });
}

export async function scriptedBroker(): Promise<ScriptedBroker> {
  const broker = await ScriptedBroker.start();
  opened.push(() => broker.stop());
  return broker;
}

export async function mosquitto(options: MosquittoOptions = {}): Promise<Mosquitto> {
  const broker = await startMosquitto(options);
  opened.push(() => broker.stop());
  return broker;
}

export async function script(port: number, source: string): Promise<ClientScript> {
  const running = await ClientScript.run(port, source);
  opened.push(() => running.stop());
  return running;
}

export async function host(broker: Mosquitto): Promise<MqttClient> {
  const client = await connectAsync(broker.url, { reconnectPeriod: 100 });
  opened.push(() => client.endAsync(true));
  return client;
}

export function event(client: MqttClient, name: 'message' | 'connect'): Promise<void> {
  return new Promise((resolve) => client.once(name, () => resolve()));
}

/** Takes n publishes of a connection and returns what identifies each. */
export async function publishes(connection: ScriptedConnection, n: number) {
  const taken: { id: number; text: string; dup: boolean }[] = [];
  while (taken.length < n) {
    const { messageId, payload, dup } = await connection.next('publish');
    taken.push({ id: messageId ?? 0, text: payload.toString(), dup });
  }
  return taken;
}
