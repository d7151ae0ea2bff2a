import { EventEmitter } from 'node:events';
import type { MqttClient } from 'mqtt';
import { LinkError, MqboardError, NotConnectedError } from '../protocol/errors';
import { attempt, endClient } from './attempt';
import { Backoff } from './backoff';
import { type ConnectionOptions, parseBrokerUrl, randomClientId } from './options';
import { inWords, whereIs } from './reasons';
import { type MessageListener, Subscriptions } from './subscriptions';

export type ConnectionState = 'closed' | 'connecting' | 'connected' | 'disconnected' | 'refused';

/** Event names of a `Connection`, each with what its listeners are given. */
export interface ConnectionEvents {
  connecting: [];
  /** Accepted by the broker, and all subscriptions are in place again. */
  connected: [];
  /** The link is down, or could not be made; the next attempt follows by itself. */
  disconnected: [{ reason: string; error: LinkError }];
  /** It will not work until somebody changes something; tried again all the same, slowly. */
  refused: [{ error: LinkError }];
  /** After a reconnect the broker did not grant this subscription again. */
  subscriptionRefused: [{ error: LinkError }];
  closed: [];
}

export interface Subscription {
  close(): void;
}

/**
 * The one link to a broker, shared by all boards behind it. It reconnects for ever, and keeps nothing
 * for later: what cannot be sent now is an error now.
 */
export class Connection extends EventEmitter<ConnectionEvents> {
  state: ConnectionState = 'closed';
  readonly clientId: string;
  private readonly options: ConnectionOptions;
  private readonly subscriptions = new Subscriptions();
  private readonly pending = new Set<(error: Error) => void>();
  private client: MqttClient | undefined;
  private closing = new AbortController();
  private running: Promise<void> | undefined;

  /** @throws InvalidInputError when the URL is not one of a broker. */
  constructor(options: ConnectionOptions) {
    super();
    // One listener for each board is expected, however many boards there are.
    this.setMaxListeners(0);
    parseBrokerUrl(options.url);
    this.clientId = options.clientId || randomClientId();
    this.options = { ...options, clientId: this.clientId };
  }

  /** Starts connecting; progress comes as events. Does nothing when it is open already. */
  open(): void {
    const previous = this.running;
    if (previous && !this.closing.signal.aborted) return;
    this.closing = new AbortController();
    const { signal } = this.closing;
    this.running = Promise.resolve(previous).then(() => this.keepConnected(signal));
  }

  /**
   * Hangs up, whatever state it is in; over within little more than a second. Subscriptions belong to
   * those who made them, and are there again when it is opened again.
   */
  async close(): Promise<void> {
    const running = this.running;
    if (!running) return;
    this.closing.abort();
    await running;
    if (this.running !== running) return;
    this.running = undefined;
    this.state = 'closed';
    this.emit('closed');
  }

  /** @throws NotConnectedError at once, or when the link breaks before the broker has it (QoS 1). */
  publish(
    topic: string,
    payload: string | Buffer,
    { qos = 0, retain = false }: { qos?: 0 | 1; retain?: boolean } = {},
  ): Promise<void> {
    return this.ask((client, done) => {
      client.publish(topic, payload, { qos, retain }, (error) => done(error));
    });
  }

  /**
   * Publishes at QoS 0, for who repeats by himself what was lost: without a link it is dropped, and
   * nobody is told.
   */
  send(topic: string, payload: Buffer): void {
    if (this.client?.connected) this.client.publish(topic, payload, QOS_0);
  }

  /**
   * Listens to `filter` until the subscription is closed, through all reconnects. Resolves when the
   * broker has granted it; what the broker had retained is delivered to each new listener.
   * @throws NotConnectedError; LinkError when the broker does not allow it.
   */
  async subscribe(
    filter: string,
    listener: MessageListener,
    { qos = 0 }: { qos?: 0 | 1 } = {},
  ): Promise<Subscription> {
    const own: MessageListener = (message) => listener(message);
    this.subscriptions.add(filter, own, qos);
    const close = () => {
      if (this.subscriptions.remove(filter, own) && this.client?.connected) {
        this.client.unsubscribe(filter);
      }
    };
    try {
      await this.sendSubscribe([{ filter, qos: this.subscriptions.qosOf(filter) }]);
    } catch (error) {
      close();
      throw error;
    }
    return { close };
  }

  private sendSubscribe(wanted: Array<{ filter: string; qos: 0 | 1 }>): Promise<void> {
    const map = Object.fromEntries(wanted.map(({ filter, qos }) => [filter, { qos }]));
    return this.ask((client, done) => {
      client.subscribe(map, (error, _granted, answer) => {
        const refused = answer?.granted.findIndex((code) => Number(code) >= 128) ?? -1;
        done(wanted[refused] ? notAllowed(wanted[refused].filter) : error);
      });
    });
  }

  /** A refusal must not end the link: the same would happen again and again. */
  private async subscribeAgain(): Promise<void> {
    const filters = this.subscriptions.filters();
    if (filters.length === 0) return;
    try {
      await this.sendSubscribe(filters);
    } catch (error) {
      if (error instanceof LinkError) this.emit('subscriptionRefused', { error });
    }
  }

  /** Runs one request that the client answers by callback, and fails it when the link breaks. */
  private ask(
    request: (client: MqttClient, done: (error?: Error | null) => void) => void,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const { client } = this;
      if (!client?.connected) return reject(new NotConnectedError());
      const settle = (error?: Error | null) => {
        if (!this.pending.delete(settle)) return;
        if (error) reject(error instanceof MqboardError ? error : requestFailed(error));
        else resolve();
      };
      this.pending.add(settle);
      request(client, settle);
    });
  }

  private async keepConnected(signal: AbortSignal): Promise<void> {
    const { first, longest } = this.options.reconnectMs ?? { first: 250, longest: 30_000 };
    const backoff = new Backoff(first, longest);
    while (!signal.aborted) {
      let refused = false;
      try {
        this.become('connecting');
        await this.useOneLink(signal, backoff);
      } catch (error) {
        if (signal.aborted) return;
        const failure = inWords(error, parseBrokerUrl(this.options.url));
        refused = failure.lasting;
        if (refused) this.become('refused', { error: failure });
        else this.become('disconnected', { reason: failure.message, error: failure });
      }
      await pause(backoff.nextMs(refused), signal);
    }
  }

  /** Connects once, and stays until the link is gone: then it throws, always, unless it was closed. */
  private async useOneLink(signal: AbortSignal, backoff: Backoff): Promise<void> {
    const client = await attempt(this.options, signal).catch((error) => {
      backoff.attemptFailed();
      throw error;
    });
    const since = Date.now();
    const ended = new Promise<LinkError>((resolve) => {
      let told: unknown;
      client.on('error', (error) => {
        told ??= error;
      });
      client.once('disconnect', (packet) => {
        told = packet.reasonCode === 142 ? TAKEN_OVER : told;
      });
      client.once('close', () => {
        backoff.linkEnded(Date.now() - since);
        resolve(this.whyLost(told, backoff.shortLived));
      });
    });
    client.on('message', (topic, payload, packet) => {
      try {
        this.subscriptions.deliver({ topic, payload, retain: packet.retain });
      } catch (error) {
        // Whoever could not take it: the host, and all others whom this link serves, go on.
        process.emitWarning(error as Error);
      }
    });
    const stopped = new Promise<void>((resolve) => {
      const stop = () => {
        // The signal outlives the link.
        signal.removeEventListener('abort', stop);
        resolve();
      };
      signal.addEventListener('abort', stop, { once: true });
      client.once('close', stop);
    });
    this.client = client;
    try {
      await this.subscribeAgain();
      if (!signal.aborted && client.connected) this.become('connected');
      await stopped;
    } finally {
      this.client = undefined;
      await endClient(client);
      for (const settle of [...this.pending]) settle(new Error('link lost'));
    }
    if (!signal.aborted) throw await ended;
  }

  private whyLost(told: unknown, shortLived: number): LinkError {
    const where = whereIs(parseBrokerUrl(this.options.url));
    if (told === TAKEN_OVER || (told === undefined && shortLived >= 2)) {
      const words =
        `${where} keeps closing the connection soon after accepting it. ` +
        `Most likely another client uses the client id "${this.clientId}" too: ` +
        'give each its own, or leave it empty for a random one.';
      return new LinkError('CLIENT_ID_TAKEN', 'client id in use', words, false);
    }
    const detail = told instanceof Error ? ` (${told.message})` : '';
    return new LinkError('LINK_LOST', 'link lost', `The connection broke${detail}.`, false, told);
  }

  private become<K extends 'connecting' | 'connected' | 'disconnected' | 'refused'>(
    state: K,
    ...payload: ConnectionEvents[K]
  ): void {
    this.state = state;
    (this.emit as (name: K, ...payload: ConnectionEvents[K]) => boolean).call(
      this,
      state,
      ...payload,
    );
  }
}

const QOS_0 = { qos: 0, retain: false } as const;
const TAKEN_OVER = Symbol('session taken over');

function notAllowed(filter: string): LinkError {
  const words = `The broker does not allow this user to subscribe to "${filter}". Check its access rules.`;
  return new LinkError('SUBSCRIBE_REFUSED', 'not authorised', words, true);
}

function requestFailed(error: Error & { code?: unknown }): MqboardError {
  // Only the broker's answers have a number; the rest is what a broken link left behind.
  if (typeof error.code !== 'number') {
    return new NotConnectedError('The connection to the broker broke in the middle.');
  }
  const words = `The broker refused a message: ${error.message}. Check its access rules.`;
  return new LinkError('PUBLISH_REFUSED', 'not authorised', words, true, error);
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const wake = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', wake);
      resolve();
    };
    const timer = setTimeout(wake, milliseconds);
    signal.addEventListener('abort', wake, { once: true });
  });
}
