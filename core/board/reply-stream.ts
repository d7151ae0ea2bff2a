import { codeAndSentence } from '../protocol/code-and-sentence';
import type { Frame } from '../protocol/frame';

/** How a command ended on the board. */
export type Ending =
  | { kind: 'value'; text: string; output: string }
  | { kind: 'exception'; traceback: string; output: string }
  | { kind: 'failed'; code: string; sentence: string }
  | { kind: 'stopped' };

/** Puts the numbered frames of a reply together again, in order, each once. */
export class ReplyStream {
  /** Number of the next frame that is wanted. */
  next = 0;
  ending: Ending | undefined;
  private output = '';
  private rest = '';
  private restKind: Frame['kind'] = 'v';
  // A character may be cut between two frames. A byte order mark is text like any other here.
  private readonly outputDecoder = new TextDecoder('utf-8', { ignoreBOM: true });
  private readonly restDecoder = new TextDecoder('utf-8', { ignoreBOM: true });

  constructor(private readonly onOutput: (text: string) => void) {}

  /** Takes the frame that was wanted; the caller has checked its number. */
  take({ kind, last, data }: Frame): void {
    this.next++;
    if (kind === 'o') this.print(this.outputDecoder.decode(data, { stream: true }));
    else {
      if (kind !== this.restKind) this.restart(kind);
      this.rest += this.restDecoder.decode(data, { stream: !last });
    }
    if (!last) return;
    this.print(this.outputDecoder.decode());
    const { output, rest } = this;
    if (kind === 's') this.ending = { kind: 'stopped' };
    else if (kind === 'f') this.ending = { kind: 'failed', ...codeAndSentence(rest) };
    else if (kind === 'e') this.ending = { kind: 'exception', traceback: rest, output };
    else this.ending = { kind: 'value', text: rest, output };
  }

  /** An exception can come while the value is being written: what there is of it is void. */
  private restart(kind: Frame['kind']): void {
    this.restKind = kind;
    this.rest = '';
    this.restDecoder.decode();
  }

  private print(text: string): void {
    if (text === '') return;
    this.output += text;
    this.onOutput(text);
  }
}
