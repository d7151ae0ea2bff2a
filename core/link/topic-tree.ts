/** A level of filters: what is below it, by the name of the level. */
interface Branch<T> {
  readonly below: Map<string, Branch<T>>;
  value: T | undefined;
}

/**
 * Finds the filters that a topic matches without looking at the others: with many, and thousands of messages
 * a second, that is most of what a message would cost.
 */
export class TopicTree<T> {
  private readonly root = branch<T>();

  set(filter: string, value: T): void {
    let at = this.root;
    for (const level of filter.split('/')) {
      let next = at.below.get(level);
      if (next === undefined) {
        next = branch();
        at.below.set(level, next);
      }
      at = next;
    }
    at.value = value;
  }

  delete(filter: string): void {
    prune(this.root, filter.split('/'), 0);
  }

  /** The values of all filters (with `+` and `#`) that a subscription would receive `topic` by. */
  match(topic: string): T[] {
    const found: T[] = [];
    // What begins with $ belongs to the broker: wildcards do not reach it.
    collect(this.root, topic, 0, found, !topic.startsWith('$'));
    return found;
  }
}

function branch<T>(): Branch<T> {
  return { below: new Map(), value: undefined };
}

/** `from` is where the next level begins in `topic`; behind its end there is none. */
function collect<T>(at: Branch<T>, topic: string, from: number, found: T[], wild: boolean): void {
  const rest = wild ? at.below.get('#')?.value : undefined;
  if (rest !== undefined) found.push(rest);
  if (from > topic.length) {
    if (at.value !== undefined) found.push(at.value);
    return;
  }
  const slash = topic.indexOf('/', from);
  const end = slash < 0 ? topic.length : slash;
  const exact = at.below.get(topic.slice(from, end));
  if (exact !== undefined) collect(exact, topic, end + 1, found, true);
  const any = wild ? at.below.get('+') : undefined;
  if (any !== undefined) collect(any, topic, end + 1, found, true);
}

/** Returns true when nothing is left of the branch. */
function prune<T>(at: Branch<T>, levels: string[], index: number): boolean {
  const level = levels[index];
  const next = level === undefined ? undefined : at.below.get(level);
  if (level === undefined) at.value = undefined;
  else if (next !== undefined && prune(next, levels, index + 1)) at.below.delete(level);
  return at.value === undefined && at.below.size === 0;
}
