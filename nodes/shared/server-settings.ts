import {
  type ConnectionOptions,
  checkPrefix,
  InvalidInputError,
  parseBrokerUrl,
  type TlsOptions,
} from '../../core/index';

/** The fields of a server's dialog that make up a connection: texts, as the editor keeps them. */
export interface ServerFields {
  /** A host's name or address, or a whole URL, which then outweighs protocol and port. */
  host?: string;
  protocol?: string;
  port?: string | number;
  clientId?: string;
  keepalive?: string | number;
  protocolVersion?: string | number;
  user?: string;
  password?: string;
}

/** Path of the MQTT endpoint of most brokers that speak WebSocket; another one takes a whole URL. */
const WEB_SOCKET_PATH = '/mqtt';
const LONGEST_TIMEOUT_S = 86_400;

function bad(badge: string, sentence: string): InvalidInputError {
  return new InvalidInputError('BAD_SETTINGS', badge, sentence);
}

function wholeNumber(value: string | number | undefined, name: string, usual?: number): number {
  const text = String(value ?? '').trim();
  if (text === '' && usual !== undefined) return usual;
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= 1 && number <= 65_535) return number;
  throw bad('bad settings', `${name} must be a whole number from 1 to 65535, not "${text}".`);
}

/** @throws InvalidInputError when the fields name no server. */
export function serverUrl({ host, protocol = 'mqtts', port }: ServerFields): string {
  const name = String(host ?? '').trim();
  if (name === '')
    throw bad('no server', 'No MQTT server is set. Open the server node and name one.');
  if (name.includes('://')) {
    // The flow file is no place for a password, nor is the log that this URL goes to.
    if (/^[^/]*\/\/[^/]*@/.test(name)) {
      throw bad('password in URL', 'Give user and password in their own fields, not in the URL.');
    }
    return name;
  }
  if (/[\s/]/.test(name)) {
    throw bad(
      'bad server',
      `"${name}" is not the name of a server. For a path give the whole URL.`,
    );
  }
  const usual = { mqtt: 1883, mqtts: 8883, ws: 80, wss: 443 }[protocol];
  const bracketed = name.includes(':') && !name.startsWith('[') ? `[${name}]` : name;
  const path = protocol.startsWith('ws') ? WEB_SOCKET_PATH : '';
  return `${protocol}://${bracketed}:${wholeNumber(port, 'The port', usual)}${path}`;
}

/** @throws InvalidInputError with a sentence that names the field. */
export function connectionOptions(fields: ServerFields, tls?: TlsOptions): ConnectionOptions {
  const clientId = fields.clientId?.trim();
  const url = serverUrl(fields);
  parseBrokerUrl(url);
  return {
    url,
    keepaliveSeconds: wholeNumber(fields.keepalive, 'Keep alive', 30),
    protocolVersion: String(fields.protocolVersion) === '5' ? 5 : 4,
    ...(tls && { tls }),
    ...(clientId && { clientId }),
    ...(fields.user && { username: fields.user }),
    ...(fields.password && { password: fields.password }),
  };
}

/** Milliseconds from a field in seconds; `usual` where it is empty. */
export function timeoutMs(value: string | number | undefined, usual: number): number {
  const text = String(value ?? '').trim();
  if (text === '') return usual;
  const seconds = Number(text);
  if (seconds > 0 && seconds <= LONGEST_TIMEOUT_S) return Math.ceil(seconds * 1000);
  throw bad('bad timeout', `The timeout must be a number of seconds above 0, not "${text}".`);
}

/** A board's topics start with the installation's prefix, where there is one, and its own name. */
export function fullPrefix(installation: string, board: string): string {
  return checkPrefix(installation === '' ? board : `${installation}/${checkPrefix(board)}`);
}
