/** What mbedTLS on a board says of a certificate, by what Node.js finds wrong with it. */
const texts: Record<string, string> = {
  ERR_TLS_CERT_ALTNAME_INVALID:
    'The certificate Common Name (CN) does not match with the expected CN',
  CERT_HAS_EXPIRED: 'The certificate validity has expired',
  CERT_NOT_YET_VALID: 'The certificate validity starts in the future',
};

const UNTRUSTED = 'The certificate is not correctly signed by the trusted CA';
const untrusted = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_SIGNATURE_FAILURE',
  'INVALID_CA',
]);

/** Undefined for an error that is none of the certificate's. */
export function tlsErrorText(error: NodeJS.ErrnoException): string | undefined {
  const code = error.code ?? '';
  const text = untrusted.has(code) ? UNTRUSTED : texts[code];
  return text && `\n${text}\n`;
}
