const LINE_FEED = 10;

/** Collects what Python prints, which comes byte by byte, up to the end of a line. */
export class PrintBuffer {
  #bytes: number[] = [];

  constructor(private readonly pass: (chunk: Uint8Array) => void) {}

  add(chunk: Uint8Array): void {
    this.#bytes.push(...chunk);
    if (chunk.at(-1) === LINE_FEED) this.flush();
  }

  /** Passes on a line that is not over: before the board waits, because it might end there. */
  flush(): void {
    if (!this.#bytes.length) return;
    this.pass(Uint8Array.from(this.#bytes));
    this.#bytes = [];
  }
}
