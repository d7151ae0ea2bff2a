/** How long to wait for a sign of life before asking again; the last one goes on. */
const PAUSES_MS = [1_000, 2_000, 4_000, 5_000];
/** In a transfer a pause is time lost. */
export const TRANSFER_PAUSES_MS = [1_000, 2_000];

/** Does one thing again and again, in growing pauses, while nothing comes back. */
export class Repeater {
  private step = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly action: () => void,
    private readonly pausesMs = PAUSES_MS,
  ) {}

  /** Something came: the pause starts anew, and is short again when that was progress. */
  heard({ progress }: { progress: boolean }): void {
    if (progress) this.step = 0;
    this.schedule();
  }

  /** Acts at once, because there is a new reason to hope. */
  now(): void {
    this.step = 0;
    this.action();
    this.schedule();
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private schedule(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(
      () => {
        this.step++;
        this.schedule();
        this.action();
      },
      this.pausesMs[Math.min(this.step, this.pausesMs.length - 1)],
    );
  }
}
