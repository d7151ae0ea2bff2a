import { InvalidInputError, systemWords } from '../../core/index';

/** Larger than any flash that a board has. */
const MOST_BYTES = 64 * 1024 * 1024;
const PATIENCE_MS = 120_000;

function failed(url: URL, why: string): InvalidInputError {
  // Without what may be a secret.
  const shown = `${url.origin}${url.pathname}`;
  return new InvalidInputError('DOWNLOAD', 'download failed', `${shown} cannot be had: ${why}.`);
}

/**
 * What is at an address of the web.
 * @throws InvalidInputError that says why it cannot be had.
 */
export async function download(address: string, signal: AbortSignal): Promise<Buffer> {
  const url = webAddress(address);
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
    const response = await fetch(url, { signal: limit });
    if (!response.ok) {
      // Its words are not read, and would keep the connection.
      await response.body?.cancel();
      throw failed(url, `the server answers ${response.status}`);
    }
    const parts: Uint8Array[] = [];
    let size = 0;
    for await (const part of response.body ?? []) {
      parts.push(part as Uint8Array);
      size += (part as Uint8Array).length;
      if (size > MOST_BYTES) throw failed(url, 'it has more than 64 MiB, which no board takes');
    }
    return Buffer.concat(parts);
  } catch (error) {
    if (error instanceof InvalidInputError) throw error;
    signal.throwIfAborted();
    const { name, cause } = error as Error;
    if (name === 'TimeoutError') throw failed(url, 'it took longer than two minutes');
    throw failed(url, systemWords(cause ?? error));
  }
}

function webAddress(address: string): URL {
  const bad = (sentence: string) => new InvalidInputError('BAD_ADDRESS', 'bad URL', sentence);
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    throw bad(`"${address}" is not the address of a file: it begins with https:// or http://.`);
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw bad(`${url.protocol}// is not spoken here: an address begins with https:// or http://.`);
  }
  if (url.username || url.password) {
    throw bad('User and password in an address would stand in the flow: use a link without them.');
  }
  return url;
}
