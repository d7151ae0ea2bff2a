/**
 * Makes this machine's TCP acknowledge what came, by sending anything at all: it would wait for 40 ms for
 * something to send along, and until then a broker with Nagle's algorithm holds back what comes next.
 * Once for all that comes together, and only when nothing else was sent since.
 */
export class Nudge {
  private planned: NodeJS.Immediate | undefined;

  constructor(private readonly send: () => void) {}

  /** Something came. */
  plan(): void {
    this.planned ??= setImmediate(() => {
      this.planned = undefined;
      this.send();
    });
  }

  /** Something else was sent. */
  cancel(): void {
    clearImmediate(this.planned);
    this.planned = undefined;
  }
}
