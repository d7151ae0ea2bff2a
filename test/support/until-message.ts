import { type EventEmitter, once } from 'node:events';
import type { MqttClient } from 'mqtt';

/** Waits until `found` finds something, looking now and after each message that the client gets. */
export async function untilMessage<T>(
  client: MqttClient,
  found: () => T | undefined | false,
  what: string,
  timeoutMs = 40_000,
): Promise<T> {
  const signal = AbortSignal.timeout(timeoutMs);
  for (;;) {
    const result = found();
    if (result) return result;
    try {
      await once(client as unknown as EventEmitter, 'message', { signal });
    } catch {
      throw new Error(`${what}: not within ${timeoutMs} ms`);
    }
  }
}
