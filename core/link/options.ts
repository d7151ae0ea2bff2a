import { randomBytes } from 'node:crypto';
import type { IClientOptions, ISecureClientOptions } from 'mqtt';
import { InvalidInputError } from '../protocol/errors';

/** How TLS checks the broker, and how the broker may check us. Fields as in `tls.connect()`. */
export interface TlsOptions {
  /** Certificate authorities to trust instead of those that Node.js comes with; PEM. */
  ca?: string | Buffer | Array<string | Buffer>;
  cert?: string | Buffer;
  key?: string | Buffer;
  passphrase?: string;
  /** The name the broker's certificate must bear, where it differs from the URL's host. */
  servername?: string;
  /** False trusts any certificate: the connection is then readable to whoever sits in between. */
  rejectUnauthorized?: boolean;
}

export interface ConnectionOptions {
  /** `mqtt:`, `mqtts:`, `ws:` or `wss:`, a host, and a port where it is not the usual one. */
  url: string;
  tls?: TlsOptions;
  username?: string;
  password?: string;
  /** Must be unique at the broker; two clients with one id knock each other off. Default: random. */
  clientId?: string;
  /** Seconds between signs of life, by which a dead link is noticed. Default 30. */
  keepaliveSeconds?: number;
  /** 4 is MQTT 3.1.1 (default), 5 is MQTT 5. */
  protocolVersion?: 4 | 5;
  /** How long one attempt may take, until the broker has accepted the client. Default 10 000. */
  connectTimeoutMs?: number;
  /** Pause before the first reconnect and the longest there will be. Default 250 and 30 000. */
  reconnectMs?: { first: number; longest: number };
}

const PORTS: Record<string, number> = { mqtt: 1883, mqtts: 8883, ws: 80, wss: 443 };
const SAME_AS: Record<string, string> = { tcp: 'mqtt', tls: 'mqtts', ssl: 'mqtts' };

function badUrl(sentence: string): InvalidInputError {
  return new InvalidInputError('BAD_URL', 'bad broker URL', sentence);
}

/** Where the broker is, taken apart. `host` is without the brackets of an IPv6 address. */
export interface BrokerAddress {
  protocol: 'mqtt' | 'mqtts' | 'ws' | 'wss';
  secure: boolean;
  host: string;
  port: number;
  path: string;
  username?: string;
  password?: string;
}

/** @throws InvalidInputError when `text` is not the URL of a broker. */
export function parseBrokerUrl(text: string): BrokerAddress {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    const hint = text.includes('://') ? '' : ' It begins with mqtt://, mqtts://, ws:// or wss://.';
    throw badUrl(`"${text}" is not the URL of a broker, like mqtts://example.org:8883.${hint}`);
  }
  const scheme = url.protocol.slice(0, -1);
  const protocol = SAME_AS[scheme] ?? scheme;
  const usualPort = PORTS[protocol];
  if (usualPort === undefined) {
    throw badUrl(`"${scheme}://" is not spoken here. Use mqtt://, mqtts://, ws:// or wss://.`);
  }
  if (url.hostname === '') throw badUrl(`The broker URL "${text}" names no host.`);
  return {
    protocol: protocol as BrokerAddress['protocol'],
    secure: protocol === 'mqtts' || protocol === 'wss',
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? usualPort : Number(url.port),
    path: `${url.pathname || '/'}${url.search}`,
    ...(url.username ? { username: decodeURIComponent(url.username) } : {}),
    ...(url.password ? { password: decodeURIComponent(url.password) } : {}),
  };
}

/** A client id that nobody else has. */
export function randomClientId(): string {
  return `mqboard_${randomBytes(6).toString('hex')}`;
}

/** What MQTT.js needs for one attempt. It neither reconnects nor queues by itself: `Connection` does. */
export function clientOptions(options: ConnectionOptions, address: BrokerAddress): IClientOptions {
  const username = options.username || address.username;
  const password = options.password || address.password;
  // The same fields under the same names; only the types of optional fields are spelt differently.
  const tls = (address.secure ? { ...options.tls } : {}) as ISecureClientOptions;
  const web = address.protocol === 'ws' || address.protocol === 'wss';
  return {
    protocol: address.protocol,
    hostname: web && address.host.includes(':') ? `[${address.host}]` : address.host,
    port: address.port,
    ...(web ? { path: address.path, wsOptions: tls } : {}),
    ...tls,
    clientId: options.clientId || randomClientId(),
    keepalive: options.keepaliveSeconds ?? 30,
    protocolVersion: options.protocolVersion ?? 4,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    clean: true,
    reconnectPeriod: 0,
    queueQoSZero: false,
    resubscribe: false,
  };
}
