import { AbortedError } from '../protocol/errors';

/** @throws AbortedError when the caller has given up, or what the caller gave as its reason, if that is one. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (!signal?.aborted) return;
  throw signal.reason instanceof AbortedError ? signal.reason : new AbortedError();
}
