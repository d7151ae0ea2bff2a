import type { NodeStatus } from 'node-red';
import type { MqboardError, RolloutProgress, RolloutResult } from '../../core/index';
import { badge, CONNECTED, linkStatus, onlyNews, type Show } from '../shared/link-status';
import type { LinkState } from '../shared/server-node';
import type { Words } from '../shared/words';

/** What is going on, as far as it is to be shown. */
export interface Running {
  now: RolloutResult;
  isPaused: boolean;
  /** Of a single board there is more to tell than how many are ready. */
  last?: RolloutProgress;
}

/** Shows below a node how far its roll-out is, or what has become of the last one. */
export class OtaStatus {
  private link: LinkState = { state: 'closed' };
  private running: (() => Running) | undefined;
  private preparing = false;
  private outcome: NodeStatus | undefined;
  private readonly show: Show;

  constructor(
    show: Show,
    private readonly words: Words,
  ) {
    this.show = onlyNews(show);
  }

  onLink(link: LinkState): void {
    this.link = link;
    this.update();
  }

  /** A message is being read: files, or an address of the web. */
  prepares(): void {
    this.preparing = true;
    this.update();
  }

  begins(running: () => Running): void {
    this.preparing = false;
    this.running = running;
    this.outcome = undefined;
    this.update();
  }

  ends(result: RolloutResult): void {
    this.running = undefined;
    this.outcome = this.outcomeOf(result);
    this.update();
  }

  failed(error: MqboardError): void {
    this.preparing = false;
    this.outcome = { fill: 'red', shape: 'dot', text: badge(error, this.words) };
    this.update();
  }

  update(): void {
    this.show(this.current());
  }

  private current(): NodeStatus {
    const { link, words, running, preparing } = this;
    const unlinked = linkStatus(link, words);
    if (unlinked) return unlinked;
    if (running) return this.runningStatus(running());
    if (preparing) return this.reading();
    return this.outcome ?? CONNECTED;
  }

  private reading(): NodeStatus {
    return { fill: 'blue', shape: 'dot', text: this.words('status.preparing', 'reading') };
  }

  private runningStatus({ now, isPaused, last }: Running): NodeStatus {
    const { open, total } = now.counts;
    const values = { ready: total - open, total };
    if (isPaused) {
      const text = this.words('status.paused', `paused at ${values.ready}/${total}`, values);
      return { fill: 'yellow', shape: 'dot', text };
    }
    // Its boards are not looked up yet.
    if (total === 0) return this.reading();
    const text =
      total === 1 && last
        ? this.phase(last)
        : this.words('status.running', `${values.ready} of ${total}`, values);
    return { fill: 'blue', shape: 'dot', text };
  }

  private phase({ phase, done, total }: RolloutProgress): string {
    if (done !== undefined && total) return `${Math.floor((100 * done) / total)} %`;
    return this.words(`status.${phase}`, phase === 'trial' ? 'on trial' : phase);
  }

  private outcomeOf({ state, counts }: RolloutResult): NodeStatus {
    const good = counts.updated + counts.already;
    const values = { good, total: counts.total };
    if (state !== 'done') {
      const text = this.words(`status.${state}`, `${state} at ${good}/${counts.total}`, values);
      return { fill: 'red', shape: 'dot', text };
    }
    if (counts.total === 0) {
      const text = this.words('status.nobody', 'no board meant');
      return { fill: 'yellow', shape: 'dot', text };
    }
    const fill = good === counts.total ? 'green' : 'yellow';
    const text = this.words('status.done', `${good} of ${counts.total} done`, values);
    return { fill, shape: 'dot', text };
  }
}
