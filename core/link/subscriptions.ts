import { TopicTree } from './topic-tree';

/** A message as it came from the broker. */
export interface Message {
  topic: string;
  payload: Buffer;
  /** True when the broker had kept it: it may be older than the subscription. */
  retain: boolean;
}

export type MessageListener = (message: Message) => void;

interface Entry {
  qos: 0 | 1;
  listeners: Set<MessageListener>;
}

/** Who listens to what: one entry a filter, however many listen to it. */
export class Subscriptions {
  private readonly entries = new Map<string, Entry>();
  private readonly tree = new TopicTree<Entry>();

  add(filter: string, listener: MessageListener, qos: 0 | 1): void {
    const entry = this.entries.get(filter) ?? { qos, listeners: new Set() };
    entry.qos = entry.qos > qos ? entry.qos : qos;
    entry.listeners.add(listener);
    this.entries.set(filter, entry);
    this.tree.set(filter, entry);
  }

  qosOf(filter: string): 0 | 1 {
    return this.entries.get(filter)?.qos ?? 0;
  }

  /** Returns true when nobody listens to `filter` any more. */
  remove(filter: string, listener: MessageListener): boolean {
    const entry = this.entries.get(filter);
    if (!entry?.listeners.delete(listener) || entry.listeners.size > 0) return false;
    this.tree.delete(filter);
    return this.entries.delete(filter);
  }

  filters(): Array<{ filter: string; qos: 0 | 1 }> {
    return [...this.entries].map(([filter, { qos }]) => ({ filter, qos }));
  }

  deliver(message: Message): void {
    for (const { listeners } of this.tree.match(message.topic)) {
      for (const listener of [...listeners]) listener(message);
    }
  }
}
