import type { Socket } from 'node:net';
import { connect, type MqttClient } from 'mqtt';
import { AbortedError } from '../protocol/errors';
import { type ConnectionOptions, clientOptions, parseBrokerUrl } from './options';
import { closedEarly, inWords, noAnswer } from './reasons';

const CONNECT_TIMEOUT_MS = 10_000;
const GOODBYE_MS = 1_000;

/** Ends a client politely, but within a second, whatever the network does. */
export function endClient(client: MqttClient): Promise<void> {
  return new Promise((resolve) => {
    const hurry = setTimeout(finish, GOODBYE_MS);
    function finish(): void {
      clearTimeout(hurry);
      client.stream.destroy();
      resolve();
    }
    client.end(!client.connected, finish);
  });
}

/** Nagle's algorithm would hold back a command for 40 ms, until what went before is acknowledged. */
function sendAtOnce({ stream }: MqttClient): void {
  const { setNoDelay } = stream as Partial<Socket>;
  setNoDelay?.call(stream, true);
}

/**
 * One try to connect: ends with a client that the broker has accepted, or rejects with a LinkError in
 * words. The client belongs to the caller, who has to end it; it never reconnects by itself.
 */
export function attempt(options: ConnectionOptions, signal?: AbortSignal): Promise<MqttClient> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const address = parseBrokerUrl(options.url);
    const limit = options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
    // MQTT.js' own limit is put out of the way: it could not say what it was waiting for.
    const client = connect({ ...clientOptions(options, address), connectTimeout: limit * 2 });
    sendAtOnce(client);
    const timer = setTimeout(() => fail(noAnswer(address, limit)), limit);
    const onAbort = () => fail(new AbortedError('The connection was closed.'));
    const onError = (error: unknown) => fail(inWords(error, address));
    const onClose = () => fail(closedEarly(address));

    function settle(): void {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      client.off('close', onClose);
      client.off('connect', onConnect);
    }
    function fail(error: Error): void {
      settle();
      // The error listener stays: a stream that is torn down may still complain, to nobody.
      client.end(true);
      client.stream.destroy();
      reject(error);
    }
    function onConnect(): void {
      settle();
      client.off('error', onError);
      client.stream.off('error', onError);
      client.on('error', () => {});
      resolve(client);
    }
    client.on('error', onError);
    // MQTT.js keeps errors without a code to itself: an HTTP status in place of a WebSocket is one.
    client.stream.on('error', onError);
    client.once('close', onClose);
    client.once('connect', onConnect);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/**
 * Tries once to connect, and hangs up.
 * @throws LinkError that says in words what is wrong; InvalidInputError for a bad URL.
 */
export async function testConnection(options: ConnectionOptions): Promise<void> {
  await endClient(await attempt(options));
}
