import { harmless } from './colours';

const GAP = '  ';

/** Lines of text with columns as wide as their widest cell; the first row is the heading. */
export function table(said: string[][]): string {
  const rows = said.map((row) => row.map(harmless));
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    }
  }
  const line = (row: string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join(GAP)
      .trimEnd();
  return rows.map((row) => `${line(row)}\n`).join('');
}

/** Lines of a name and what belongs to it, without those of which nothing is known. */
export function facts(known: Array<[name: string, value: string | undefined]>): string {
  return table(known.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}
