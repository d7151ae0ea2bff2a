import { readFileSync } from 'node:fs';
import type { InferredOptionTypes } from 'yargs';
import { type ConnectionOptions, InvalidInputError, systemWords } from '../core/index';

/** The options by which every command finds its broker. */
export const brokerOptions = {
  url: {
    type: 'string',
    requiresArg: true,
    describe:
      'The broker: mqtt://, mqtts://, ws:// or wss://, host and port [MQBOARD_SERVER, _PORT, _TLS]',
  },
  ca: {
    type: 'string',
    requiresArg: true,
    describe: 'File with the certificate authority to trust, PEM [MQBOARD_CA]',
  },
  cert: { type: 'string', requiresArg: true, describe: 'File with our client certificate, PEM' },
  key: { type: 'string', requiresArg: true, describe: 'File with the key of --cert, PEM' },
  user: { type: 'string', requiresArg: true, describe: 'User name [MQBOARD_USER]' },
  password: {
    type: 'string',
    requiresArg: true,
    describe: 'Password; other users can see it here, so better by [MQBOARD_PASSWORD]',
  },
} as const;

export type BrokerArguments = InferredOptionTypes<typeof brokerOptions>;
export type Environment = Record<string, string | undefined>;

export function usageError(sentence: string): InvalidInputError {
  return new InvalidInputError('USAGE', 'usage', sentence);
}

/** Reads a file that an option names. */
function readNamed(path: string, what: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw usageError(`Cannot read ${what}: ${systemWords(error)}.`);
  }
}

/** Other files than PEM would be ignored in silence, and the broker then not be trusted. */
function readCertificate(path: string, what: string): Buffer {
  const pem = readNamed(path, what);
  if (pem.includes('-----BEGIN CERTIFICATE-----')) return pem;
  throw usageError(`${path} is no certificate in PEM form: no -----BEGIN CERTIFICATE-----.`);
}

function isYes(name: string, value: string | undefined): boolean {
  if (value === undefined || /^(0|no|false|off)?$/i.test(value)) return false;
  if (/^(1|yes|true|on)$/i.test(value)) return true;
  throw usageError(`${name} is "${value}". It is 1 for TLS, 0 for none.`);
}

function urlFromEnvironment(env: Environment): string {
  const server = env.MQBOARD_SERVER;
  if (!server) {
    throw usageError('Which broker? Give --url, like mqtts://example.org, or set MQBOARD_SERVER.');
  }
  if (server.includes('://')) return server;
  const scheme = isYes('MQBOARD_TLS', env.MQBOARD_TLS) ? 'mqtts' : 'mqtt';
  const host = server.includes(':') && !server.startsWith('[') ? `[${server}]` : server;
  const port = env.MQBOARD_PORT;
  if (port && !/^\d+$/.test(port)) throw usageError(`MQBOARD_PORT is "${port}", which is no port.`);
  return `${scheme}://${host}${port ? `:${port}` : ''}`;
}

/**
 * What the arguments, and where they are silent the environment, say about the broker.
 * @throws InvalidInputError
 */
export function brokerFrom(args: BrokerArguments, env: Environment): ConnectionOptions {
  const username = args.user ?? env.MQBOARD_USER;
  const password = args.password ?? env.MQBOARD_PASSWORD;
  const ca = args.ca ?? env.MQBOARD_CA;
  if (!args.cert !== !args.key) throw usageError('--cert and --key go together.');
  return {
    url: args.url ?? urlFromEnvironment(env),
    tls: {
      ...(ca ? { ca: readCertificate(ca, 'the CA certificate') } : {}),
      ...(args.cert ? { cert: readCertificate(args.cert, 'the client certificate') } : {}),
      ...(args.key ? { key: readNamed(args.key, 'the key') } : {}),
    },
    ...(username ? { username } : {}),
    ...(password ? { password } : {}),
  };
}
