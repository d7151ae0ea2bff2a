import { EventEmitter } from 'node:events';
import { StringDecoder } from 'node:string_decoder';

/** The board's serial console: what it printed since power-on, line by line. */
export class Console extends EventEmitter<{ line: [string] }> {
  readonly lines: string[] = [];
  #decoder = new StringDecoder('utf8');
  #rest = '';

  /** Takes what the interpreter printed, cut anywhere. */
  write(chunk: Uint8Array): void {
    const parts = (this.#rest + this.#decoder.write(Buffer.from(chunk))).split(/\r?\n/);
    this.#rest = parts.pop() ?? '';
    for (const line of parts) this.#line(line);
  }

  /** A line of the board itself, such as its boot loader's; what was printed half goes first. */
  print(line: string): void {
    this.flush();
    this.#line(line);
  }

  /** Ends a line that the interpreter did not end, because it was cut off in it. */
  flush(): void {
    const rest = this.#rest + this.#decoder.end();
    this.#rest = '';
    if (rest) this.#line(rest);
  }

  /**
   * The first line that matches: one already printed, or the next to come.
   * @throws {Error} after `timeoutMs`, with the last lines that came instead
   */
  waitFor(pattern: RegExp, timeoutMs: number): Promise<string> {
    const printed = this.lines.find((line) => pattern.test(line));
    if (printed !== undefined) return Promise.resolve(printed);
    return new Promise((resolve, reject) => {
      const onLine = (line: string) => {
        if (!pattern.test(line)) return;
        clearTimeout(timer);
        this.off('line', onLine);
        resolve(line);
      };
      const timer = setTimeout(() => {
        this.off('line', onLine);
        const seen = this.lines.slice(-15).map((line) => `\n  ${line}`);
        reject(
          new Error(`no line ${pattern} within ${timeoutMs} ms; the last were:${seen.join('')}`),
        );
      }, timeoutMs);
      this.on('line', onLine);
    });
  }

  #line(line: string): void {
    this.lines.push(line);
    this.emit('line', line);
  }
}
