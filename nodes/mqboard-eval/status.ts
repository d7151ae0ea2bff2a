import type { NodeStatus } from 'node-red';
import type { MqboardError } from '../../core/index';
import type { LinkState } from '../shared/server-node';

type Translate = (key: string, options: { defaultValue: string }) => string;

const COMMON = 'node-red:common.status.';

/** 12 ms, 3.4 s, 12 s, 5 min: short enough to stand below a node. */
export function shortTime(milliseconds: number): string {
  if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 99.5) return `${Math.round(seconds)} s`;
  return `${Math.round(seconds / 60)} min`;
}

/** Keeps what is going on in a node, and shows the most telling of it. */
export class EvalStatus {
  private link: LinkState = { state: 'closed' };
  private busy = 0;
  private outcome: NodeStatus | undefined;
  private shown = '';

  constructor(
    private readonly show: (status: NodeStatus) => void,
    private readonly translate: Translate,
    private readonly waiting: () => number,
  ) {}

  onLink(link: LinkState): void {
    this.link = link;
    // What happened before says nothing about a new connection.
    this.outcome = undefined;
    this.update();
  }

  /** A board is at work. The function that is returned ends that, with the time when all went well. */
  started(): (elapsedMs?: number) => void {
    this.busy += 1;
    this.update();
    let over = false;
    return (elapsedMs) => {
      if (over) return;
      over = true;
      this.busy -= 1;
      if (elapsedMs === undefined) this.outcome = undefined;
      else this.outcome = { fill: 'green', shape: 'dot', text: shortTime(elapsedMs) };
      this.update();
    };
  }

  failed(error: MqboardError): void {
    this.outcome = { fill: 'red', shape: 'dot', text: this.badge(error) };
    this.update();
  }

  /** Shows how things are; also to be called when the number of those who wait has changed. */
  update(): void {
    const status = this.current();
    const key = JSON.stringify(status);
    if (key === this.shown) return;
    this.shown = key;
    this.show(status);
  }

  private current(): NodeStatus {
    if (this.busy > 0) return { fill: 'blue', shape: 'dot', text: this.busyText() };
    const { state, error } = this.link;
    if (state === 'refused' && error)
      return { fill: 'red', shape: 'ring', text: this.badge(error) };
    if (state === 'connecting')
      return { fill: 'yellow', shape: 'ring', text: `${COMMON}connecting` };
    if (state !== 'connected') return { fill: 'red', shape: 'ring', text: `${COMMON}disconnected` };
    return this.outcome ?? { fill: 'green', shape: 'dot', text: `${COMMON}connected` };
  }

  private busyText(): string {
    const waiting = this.waiting();
    return (
      this.text('status.running', 'running') +
      (this.busy > 1 ? ` ×${this.busy}` : '') +
      (waiting > 0 ? ` (+${waiting})` : '')
    );
  }

  private badge(error: MqboardError): string {
    return this.text(`badge.${error.code}`, error.badge);
  }

  /** A key would be too long to stand below a node where there is no text for it. */
  private text(key: string, otherwise: string): string {
    const found = this.translate(`mqboard-eval.${key}`, { defaultValue: otherwise });
    return found.endsWith(key) ? otherwise : found;
  }
}
