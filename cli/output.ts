/** Where a command writes to. */
export interface Output {
  out: (data: string | Uint8Array) => void;
  err: (text: string) => void;
}

/** Puts a board's name before each line, where several boards write to one terminal. */
export class MarkedLines {
  private rest = '';
  private readonly decoder = new TextDecoder('utf-8', { ignoreBOM: true });

  constructor(
    private readonly mark: string,
    private readonly write: (text: string) => void,
  ) {}

  take(data: string | Uint8Array): void {
    this.rest += typeof data === 'string' ? data : this.decoder.decode(data, { stream: true });
    const lines = this.rest.split('\n');
    this.rest = lines.pop() ?? '';
    for (const line of lines) this.write(`${this.mark}${line}\n`);
  }

  /** Writes the line that has no end yet. */
  flush(): void {
    this.rest += this.decoder.decode();
    if (this.rest !== '') this.take('\n');
  }
}
