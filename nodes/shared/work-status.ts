import type { NodeStatus } from 'node-red';
import type { MqboardError } from '../../core/index';
import { badge, CONNECTED, linkStatus, onlyNews, type Show } from './link-status';
import type { LinkState } from './server-node';
import type { Words } from './words';

/** One board at work. */
export interface Activity {
  /** How far it is, where that can be told. */
  progress(bytes: number, total: number): void;
  /** It is over; `outcome` is shown when all went well. */
  end(outcome?: string): void;
}

/** Keeps what is going on in a node, and shows the most telling of it. */
export class WorkStatus {
  private link: LinkState = { state: 'closed' };
  private readonly busy = new Set<{ bytes: number; total: number }>();
  private outcome: NodeStatus | undefined;
  private readonly show: Show;

  constructor(
    show: Show,
    private readonly words: Words,
    private readonly waiting: () => number,
  ) {
    this.show = onlyNews(show);
  }

  onLink(link: LinkState): void {
    this.link = link;
    // What happened before says nothing about a new connection.
    this.outcome = undefined;
    this.update();
  }

  started(): Activity {
    const work = { bytes: 0, total: 0 };
    this.busy.add(work);
    this.update();
    return {
      progress: (bytes, total) => {
        Object.assign(work, { bytes, total });
        this.update();
      },
      end: (outcome) => {
        if (!this.busy.delete(work)) return;
        this.outcome =
          outcome === undefined ? undefined : { fill: 'green', shape: 'dot', text: outcome };
        this.update();
      },
    };
  }

  failed(error: MqboardError): void {
    this.outcome = { fill: 'red', shape: 'dot', text: badge(error, this.words) };
    this.update();
  }

  /** Shows how things are; also to be called when the number of those who wait has changed. */
  update(): void {
    this.show(this.current());
  }

  private current(): NodeStatus {
    if (this.busy.size > 0) return { fill: 'blue', shape: 'dot', text: this.busyText() };
    const problem = linkStatus(this.link, this.words);
    return problem ?? this.outcome ?? CONNECTED;
  }

  private busyText(): string {
    const waiting = this.waiting();
    return (
      (this.percent() ?? this.words('status.running', 'running')) +
      (this.busy.size > 1 ? ` ×${this.busy.size}` : '') +
      (waiting > 0 ? ` (+${waiting})` : '')
    );
  }

  /** Of all that are at work; a board that has not said how much it is counts for nothing. */
  private percent(): string | undefined {
    let [bytes, total] = [0, 0];
    for (const work of this.busy) {
      bytes += work.bytes;
      total += work.total;
    }
    return total > 0 ? `${Math.floor((100 * bytes) / total)} %` : undefined;
  }
}
