import { isIP } from 'node:net';
import { type CertificateExtension, generate } from 'selfsigned';

const DAY = 24 * 60 * 60 * 1000;

/** A certificate and its private key, both PEM text. */
export interface Pair {
  cert: string;
  key: string;
}

export interface CertificateRequest {
  /** DNS names and IP addresses that the certificate is good for. */
  names: string[];
  /** Default: a day ago, so that a board whose clock runs a little behind accepts it. */
  notBefore?: Date;
  /** Default: a year from now. */
  notAfter?: Date;
  /** For a client that identifies itself, instead of a server. */
  client?: boolean;
}

/**
 * A certificate authority that exists only in memory. Give it a pair of an earlier one to go on
 * with that: boards keep the authority's certificate on their flash.
 */
export async function createAuthority(existing?: Pair): Promise<Authority> {
  return new Authority(existing ?? (await selfSign()));
}

export class Authority {
  constructor(private readonly pair: Pair) {}

  /** What clients are given to verify servers with, PEM. */
  get cert(): string {
    return this.pair.cert;
  }

  /** The authority's private key, PEM. */
  get key(): string {
    return this.pair.key;
  }

  async issue(request: CertificateRequest): Promise<Pair> {
    const [commonName = 'localhost'] = request.names;
    return create(
      commonName,
      request,
      [
        { name: 'basicConstraints', cA: false, critical: true },
        { name: 'keyUsage', digitalSignature: true, critical: true },
        {
          name: 'extKeyUsage',
          ...(request.client ? { clientAuth: true } : { serverAuth: true }),
        },
        {
          name: 'subjectAltName',
          altNames: request.names.map((name) =>
            isIP(name) ? { type: 7, ip: name } : { type: 2, value: name },
          ),
        },
      ],
      this.pair,
    );
  }
}

function selfSign(): Promise<Pair> {
  const request = { names: [], notAfter: new Date(Date.now() + 3650 * DAY) };
  // Two authorities may be at work in one test. Were they of one name, a client would report a
  // bad signature instead of an unknown issuer.
  const name = `MQBoard demo CA ${Math.random().toString(36).slice(2, 8)}`;
  return create(name, request, [
    { name: 'basicConstraints', cA: true, pathLenConstraint: 0, critical: true },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
  ]);
}

async function create(
  commonName: string,
  { notBefore, notAfter }: CertificateRequest,
  extensions: CertificateExtension[],
  ca?: Pair,
): Promise<Pair> {
  const made = await generate([{ name: 'commonName', value: commonName }], {
    // Quick to make, and the least work for a microcontroller to verify.
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: notBefore ?? new Date(Date.now() - DAY),
    notAfterDate: notAfter ?? new Date(Date.now() + 365 * DAY),
    extensions,
    ...(ca && { ca }),
  });
  return { cert: made.cert, key: made.private };
}
