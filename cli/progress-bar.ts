import type { TransferProgress } from '../core/index';
import { bytes, duration } from './words';

/** As often as an eye can follow. */
const PAUSE_MS = 100;
const WIDTH = 24;

interface Terminal {
  isTTY?: boolean;
  columns?: number;
  write: (text: string) => unknown;
}

type Shown = TransferProgress & { path?: string };

/** How far all transfers together are, in one line at the bottom of a terminal; nothing anywhere else. */
export class ProgressBar {
  private readonly transfers = new Map<string, Shown>();
  /** Of those that wait for something else than bytes. */
  private readonly steps = new Map<string, string>();
  private readonly silent: boolean;
  private visible = false;
  private drawnAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly terminal: Terminal,
    silent = false,
  ) {
    this.silent = silent || !terminal.isTTY;
  }

  /** `key` tells the transfers apart. */
  update(key: string, progress: Shown): void {
    this.transfers.set(key, progress);
    this.steps.delete(key);
    this.drawSoon();
  }

  /** What is waited for, in words. */
  step(key: string, text: string): void {
    if (this.steps.get(key) === text) return;
    this.steps.set(key, text);
    this.transfers.delete(key);
    // It may be the last for minutes.
    this.drawnAt = Number.NEGATIVE_INFINITY;
    this.drawSoon();
  }

  private drawSoon(): void {
    const now = performance.now();
    if (this.silent || now - this.drawnAt < PAUSE_MS) return;
    this.drawnAt = now;
    this.draw();
  }

  finished(key: string): void {
    this.transfers.delete(key);
    this.steps.delete(key);
    if (this.transfers.size + this.steps.size === 0) this.clear();
  }

  /** Lets something else be written, which must not come behind the bar. */
  around(write: () => void): void {
    this.clear();
    write();
  }

  clear(): void {
    if (this.visible) this.terminal.write('\r\x1b[K');
    this.visible = false;
    this.drawnAt = Number.NEGATIVE_INFINITY;
  }

  private draw(): void {
    const transfers = [...this.transfers.values()];
    const line = transfers.length > 0 ? barLine(transfers) : stepLine([...this.steps.values()]);
    this.terminal.write(`\r${line.slice(0, (this.terminal.columns ?? 80) - 1)}\x1b[K`);
    this.visible = true;
  }
}

/** The line, without colours or control characters. */
export function barLine(transfers: Shown[]): string {
  const sum = (key: 'bytes' | 'total' | 'bytesPerSecond') =>
    transfers.reduce((all, transfer) => all + transfer[key], 0);
  const total = sum('total');
  const part = total > 0 ? Math.min(1, sum('bytes') / total) : 1;
  const full = Math.round(part * WIDTH);
  const percent = `${Math.floor(part * 100)}`.padStart(3);
  const rest = transfers.map(({ remainingSeconds }) => remainingSeconds ?? Number.NaN);
  const longest = Math.max(...rest);
  return [
    `[${'#'.repeat(full)}${'.'.repeat(WIDTH - full)}]`,
    `${percent} % of ${bytes(total)}`,
    `${bytes(sum('bytesPerSecond'))}/s`,
    ...(Number.isFinite(longest) ? [`${duration(longest)} left`] : []),
    ...(transfers.length === 1 && transfers[0]?.path ? [transfers[0].path] : []),
  ].join('  ');
}

/** How many wait for what. */
export function stepLine(steps: string[]): string {
  const counts = new Map<string, number>();
  for (const step of steps) counts.set(step, (counts.get(step) ?? 0) + 1);
  const counted = [...counts].map(([step, count]) =>
    steps.length > 1 ? `${count} x ${step}` : step,
  );
  return counted.join(', ');
}
