import type { NodeStatus } from 'node-red';
import type { KnownBoard, MqboardError } from '../../core/index';
import { badge, linkStatus, onlyNews, type Show } from '../shared/link-status';
import type { LinkState } from '../shared/server-node';
import type { Words } from '../shared/words';

/** Boards come and go in crowds when a broker restarts; nobody reads more than this. */
const SHORTEST_MS = 250;

/** Shows how many boards are online, of those that are watched, or why nothing can be watched. */
export class FleetStatus {
  private link: LinkState = { state: 'closed' };
  private problem: MqboardError | undefined;
  private watching = false;
  private readonly show: Show;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    show: Show,
    private readonly words: Words,
    private readonly boards: () => KnownBoard[],
  ) {
    this.show = onlyNews(show);
  }

  onLink(link: LinkState): void {
    this.link = link;
    this.update();
  }

  /** What keeps the node from watching although the server is connected. */
  failed(problem: MqboardError): void {
    this.problem = problem;
    this.update();
  }

  /** From now on nothing is missed. */
  began(): void {
    this.problem = undefined;
    this.watching = true;
    this.update();
  }

  /** To be called when something about the boards may have changed. */
  changed(): void {
    this.timer ??= setTimeout(() => this.update(), SHORTEST_MS);
  }

  close(): void {
    clearTimeout(this.timer);
  }

  private update(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.show(this.current());
  }

  private current(): NodeStatus {
    const { link, words, problem } = this;
    // Settings that cannot be are wrong without a link as well.
    if (problem) return { fill: 'red', shape: 'ring', text: badge(problem, words) };
    const state = link.state === 'connected' && !this.watching ? 'connecting' : link.state;
    const unlinked = linkStatus({ ...link, state }, words);
    if (unlinked) return unlinked;
    const boards = this.boards();
    const online = boards.filter((board) => board.online === true).length;
    const away = boards.some((board) => board.online === false);
    if (boards.length === 0) {
      return { fill: 'grey', shape: 'ring', text: words('status.noBoards', 'no boards yet') };
    }
    const values = { online, known: boards.length };
    const text = words('status.online', `${online} of ${boards.length} online`, values);
    if (online === 0) return { fill: 'grey', shape: 'dot', text };
    return { fill: away ? 'yellow' : 'green', shape: 'dot', text };
  }
}
