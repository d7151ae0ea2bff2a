import { LinkError } from '../protocol/errors';
import type { BrokerAddress } from './options';

type Words = (where: string, address: BrokerAddress, certified: string) => string;
type Reason = { code: string; badge: string; lasting: boolean; words: Words };

function reason(code: string, badge: string, lasting: boolean, words: Words): Reason {
  return { code, badge, lasting, words };
}

const untrusted = reason('CERTIFICATE_UNTRUSTED', 'cert not trusted', true, (where) => {
  return `The certificate of ${where} is not trusted: it was issued by an authority that is not known here. Give the certificate of that authority (CA).`;
});
const selfSigned = reason('CERTIFICATE_SELF_SIGNED', 'cert self-signed', true, (where) => {
  return `The certificate of ${where} is not trusted: it is self-signed, or issued by an authority of the operator's own. Give the certificate of that authority (CA), if this is the broker you expect.`;
});
const notTls = reason('NOT_TLS', 'not a TLS port', true, (where) => {
  return `${where} does not speak TLS. Use the broker's TLS port (usually 8883), or mqtt:// for a connection without encryption.`;
});
const clientCertificate = reason('CERTIFICATE_WANTED', 'cert wanted', true, (where) => {
  return `${where} refused our TLS client certificate, or wants one and got none. Give a certificate and key that the broker accepts.`;
});
const unreachable = reason('HOST_UNREACHABLE', 'host unreachable', false, (where) => {
  return `${where} cannot be reached: there is no way through the network to it.`;
});
const badCredentials = reason('BAD_CREDENTIALS', 'wrong password', true, (where) => {
  return `${where} refused the user name or the password.`;
});
const notAuthorised = reason('NOT_AUTHORISED', 'not authorised', true, (where) => {
  return `${where} does not allow this user to connect. Check user name, password and the broker's access rules.`;
});
const badVersion = reason('BAD_PROTOCOL_VERSION', 'MQTT version', true, (where) => {
  return `${where} does not speak the chosen version of MQTT. Choose MQTT 3.1.1 instead of 5.`;
});
const badClientId = reason('BAD_CLIENT_ID', 'client id refused', true, (where) => {
  return `${where} refused the client id. Choose another one, or leave it empty for a random one.`;
});
const unavailable = reason('BROKER_UNAVAILABLE', 'broker not ready', false, (where) => {
  return `${where} answers that it is not available at the moment.`;
});

/** By the `code` of Node.js' errors. */
const BY_SYSTEM_CODE: Record<string, Reason> = {
  INVALID_PURPOSE: reason('CERTIFICATE_PURPOSE', 'cert not for server', true, (where) => {
    return `The certificate of ${where} is not made out for a server.`;
  }),
  ENOTFOUND: reason('HOST_UNKNOWN', 'host unknown', false, (_where, { host }) => {
    return `The host name "${host}" is unknown. Check its spelling and this machine's DNS.`;
  }),
  EAI_AGAIN: reason('HOST_UNKNOWN', 'DNS not answering', false, (_where, { host }) => {
    return `The host name "${host}" could not be looked up: no DNS server answers.`;
  }),
  ECONNREFUSED: reason('CONNECTION_REFUSED', 'refused', false, (where) => {
    return `${where} refuses the connection: nothing listens on that port, or a firewall is in between.`;
  }),
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  ETIMEDOUT: reason('CONNECT_TIMEOUT', 'no answer', false, (where) => `${where} does not answer.`),
  SELF_SIGNED_CERT_IN_CHAIN: selfSigned,
  DEPTH_ZERO_SELF_SIGNED_CERT: selfSigned,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  CERT_SIGNATURE_FAILURE: untrusted,
  CERT_UNTRUSTED: untrusted,
  INVALID_CA: untrusted,
  CERT_HAS_EXPIRED: reason('CERTIFICATE_EXPIRED', 'cert expired', true, (where) => {
    return `The certificate of ${where} has expired. Renew it, or check this machine's clock.`;
  }),
  CERT_NOT_YET_VALID: reason('CERTIFICATE_NOT_YET_VALID', 'cert not yet valid', true, (where) => {
    return `The certificate of ${where} is not valid yet. Check this machine's clock.`;
  }),
  ERR_TLS_CERT_ALTNAME_INVALID: reason(
    'CERTIFICATE_NAME',
    'cert: other host',
    true,
    (where, _address, names) => {
      return `The certificate of ${where} is made out for another host. Use the name that it bears: ${names}.`;
    },
  ),
  ERR_SSL_WRONG_VERSION_NUMBER: notTls,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: notTls,
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: clientCertificate,
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: clientCertificate,
};

/** By the number in the broker's CONNACK: MQTT 3.1.1 below 128, MQTT 5 above. */
const BY_CONNACK: Record<number, Reason> = {
  1: badVersion,
  2: badClientId,
  3: unavailable,
  4: badCredentials,
  5: notAuthorised,
  132: badVersion,
  133: badClientId,
  134: badCredentials,
  135: notAuthorised,
  136: unavailable,
  137: unavailable,
  138: reason('BANNED', 'banned', true, (where) => `${where} has banned this client.`),
};

const lostEarly = reason('CLOSED_EARLY', 'broker hung up', false, (where, { secure }) => {
  const guess = secure
    ? 'Is that a TLS port (usually 8883), and of an MQTT broker?'
    : 'Is it a TLS port (then use mqtts://), or not an MQTT broker?';
  return `${where} closed the connection without an answer. ${guess}`;
});

export function whereIs({ host, port }: BrokerAddress): string {
  return `The broker ${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function build(found: Reason, address: BrokerAddress, cause?: unknown): LinkError {
  // Within a sentence "The broker" is lower-case.
  const where = whereIs(address);
  const { cert } = (cause ?? {}) as { cert?: { subjectaltname?: string } };
  const certified = cert?.subjectaltname ?? 'it has none';
  const words = found
    .words(where, address, certified)
    .replace(/(?<=[a-z] )The broker/g, 'the broker');
  return new LinkError(found.code, found.badge, words, found.lasting, cause);
}

/** The broker, or something else on its port, hung up before it had accepted the client. */
export function closedEarly(address: BrokerAddress): LinkError {
  return build(lostEarly, address);
}

/** Nothing that could be called an answer came in `milliseconds`. */
export function noAnswer(address: BrokerAddress, milliseconds: number): LinkError {
  const seconds = Math.round(milliseconds / 100) / 10;
  const words = `${whereIs(address)} did not answer within ${seconds} s.`;
  return new LinkError('CONNECT_TIMEOUT', 'no answer', words, false);
}

/** Puts an error of Node.js, OpenSSL or MQTT.js into words for the user. */
export function inWords(error: unknown, address: BrokerAddress): LinkError {
  if (error instanceof LinkError) return error;
  const { code, message, errors } = error as {
    code?: unknown;
    message?: string;
    errors?: unknown[];
  };
  // Node.js tries all addresses of a name side by side, and reports them together.
  if (errors?.[0] instanceof Error && code === undefined) return inWords(errors[0], address);
  if (typeof code === 'number') {
    const found = BY_CONNACK[code];
    if (found) return build(found, address, error);
    const words = `${whereIs(address)} refused the connection (MQTT reason ${code}): ${message}`;
    return new LinkError('REFUSED', 'broker refused', words, true, error);
  }
  // Unsupported, expired, revoked, required: whatever the broker has against it.
  const disliked = /^ERR_SSL_\w+_ALERT_(\w+_)?CERTIFICATE/.test(String(code));
  const found = disliked ? clientCertificate : BY_SYSTEM_CODE[String(code)];
  if (found) return build(found, address, error);
  // OpenSSL reports these by text when they come from its record layer.
  if (code === 'EPROTO' && /wrong version number|packet length too long/.test(message ?? '')) {
    return build(notTls, address, error);
  }
  if (code === 'ECONNRESET' || code === 'EPIPE') return build(lostEarly, address, error);
  const status = /Unexpected server response: (\d+)/.exec(message ?? '')?.[1];
  if (status) {
    const words = `${whereIs(address)} is a web server that offers no MQTT at this path (HTTP ${status}). Check the path of the URL.`;
    return new LinkError('NO_MQTT_HERE', `HTTP ${status}`, words, true, error);
  }
  const words = `${whereIs(address)} cannot be reached: ${message || String(error)}`;
  return new LinkError('CONNECTION_FAILED', 'no connection', words, false, error);
}
