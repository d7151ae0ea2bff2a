export interface Claim {
  /** Gives the id back, or gives up waiting for it. */
  release(): void;
}

interface Claimant {
  name: string;
  granted(): void;
  taken(by: string): void;
}

/**
 * Which client id is in use at which server. A broker hangs up on the older of two clients with one
 * id, which then comes back and throws out the other, for ever: so the second one has to wait.
 */
export class ClientIds {
  private readonly claims = new Map<string, Claimant[]>();

  /** Calls `granted` when the id is free, now or later; until then `taken`, once. */
  claim(key: string, name: string, { granted, taken }: Omit<Claimant, 'name'>): Claim {
    const claimant = { name, granted, taken };
    const queue = this.claims.get(key) ?? [];
    this.claims.set(key, queue);
    queue.push(claimant);
    const [holder] = queue;
    if (holder === claimant || !holder) granted();
    else taken(holder.name);
    return { release: () => this.release(key, claimant) };
  }

  private release(key: string, claimant: Claimant): void {
    const queue = this.claims.get(key) ?? [];
    const place = queue.indexOf(claimant);
    if (place < 0) return;
    queue.splice(place, 1);
    if (queue.length === 0) this.claims.delete(key);
    else if (place === 0) queue[0]?.granted();
  }
}
