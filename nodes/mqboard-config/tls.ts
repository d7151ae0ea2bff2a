import { readFileSync } from 'node:fs';
import { InvalidInputError, type TlsOptions } from '../../core/index';

/** The core `tls-config` node, as far as it concerns a connection. */
export interface TlsNode {
  valid: boolean;
  addTLSOptions(options: TlsOptions): TlsOptions;
}

/** A `tls-config` as the editor knows it: changed, or new, and not deployed yet. */
export interface EditedTls {
  /** Paths of files on the machine of Node-RED. */
  cert?: string;
  key?: string;
  ca?: string;
  servername?: string;
  verifyservercert?: boolean;
  credentials?: TlsCredentials;
}

/** Texts in PEM. */
export interface TlsCredentials {
  certdata?: string;
  keydata?: string;
  cadata?: string;
  passphrase?: string;
}

/** Node-RED puts this in place of a stored password that it does not send to the editor. */
export const UNCHANGED = '__PWRD__';

/** @throws InvalidInputError when the node could not read its certificates. */
export function tlsOptions(node: TlsNode): TlsOptions {
  if (!node.valid) {
    throw new InvalidInputError(
      'BAD_TLS',
      'bad TLS settings',
      'The TLS configuration cannot be used: a certificate or key file is missing or not readable.',
    );
  }
  return node.addTLSOptions({});
}

/**
 * The same for a `tls-config` that exists only in the editor. What it does not send, because it did
 * not change, comes from `stored`.
 * @throws InvalidInputError when a file cannot be read.
 */
export function editedTlsOptions(edited: EditedTls, stored: TlsCredentials = {}): TlsOptions {
  const { credentials = {} } = edited;
  const cert = read(edited.cert) ?? (credentials.certdata || stored.certdata);
  const key = read(edited.key) ?? (credentials.keydata || stored.keydata);
  const ca = read(edited.ca) ?? (credentials.cadata || stored.cadata);
  const { passphrase = UNCHANGED } = credentials;
  const phrase = passphrase === UNCHANGED ? stored.passphrase : passphrase;
  return {
    ...(cert && { cert }),
    ...(key && { key }),
    ...(ca && { ca }),
    ...(phrase && { passphrase: phrase }),
    ...(edited.servername && { servername: edited.servername }),
    rejectUnauthorized: edited.verifyservercert !== false,
  };
}

function read(path: string | undefined): Buffer | undefined {
  const name = path?.trim();
  if (!name) return undefined;
  try {
    return readFileSync(name);
  } catch (error) {
    const { message } = error as Error;
    throw new InvalidInputError(
      'BAD_TLS',
      'bad TLS settings',
      `A TLS file is not readable: ${message}`,
    );
  }
}
