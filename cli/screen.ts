import { harmless, type Paint } from './colours';
import type { ShownLine } from './log-lines';

/** Several boards on one terminal, each line with the board's name in a column of its own. */
export class Screen {
  private width = 0;

  constructor(
    private readonly write: (text: string) => void,
    private readonly paint: Paint,
    /** Without it the column is left out. */
    private readonly named: boolean,
    private readonly isTerminal: boolean,
  ) {}

  /** Makes room for names that will come. */
  expect(boards: string[]): void {
    for (const { length } of boards.map((board) => this.shown(board)))
      this.width = Math.max(this.width, length);
  }

  show(board: string, lines: ShownLine[]): void {
    this.expect([board]);
    const column = this.named ? `${this.shown(board).padEnd(this.width)} | ` : '';
    let text = '';
    for (const line of lines) text += `${column}${this.paint(line.style, this.shown(line.text))}\n`;
    this.write(text);
  }

  private shown(text: string): string {
    return this.isTerminal ? harmless(text) : text;
  }
}
