/** One line of a result table: what was measured, and in what unit. */
export interface Figure {
  what: string;
  value: number;
  unit: string;
  /** The same thing measured on the other program of this run, for the ratio. */
  against?: { what: string; value: number };
}

/** The value below which the given share (0 to 1) of the samples lie. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/** The middle one of several runs: what we quote, because the machines are noisy. */
export function median(samples: readonly number[]): number {
  return percentile(samples, 0.5);
}

/** Runs something several times, one after the other, and returns what each run gave. */
export async function repeat<T>(times: number, run: () => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let i = 0; i < times; i += 1) results.push(await run());
  return results;
}

function short(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toFixed(digits);
}

/** A table in Markdown, as it is written into RESULTS.md. */
export function table(figures: readonly Figure[]): string {
  const rows = figures.map(({ what, value, unit, against }) => {
    const compared = against ? `${short(against.value)} ${unit} (${against.what})` : '';
    const ratio = against ? short(value / against.value) : '';
    return `| ${what} | ${short(value)} ${unit} | ${compared} | ${ratio} |`;
  });
  return ['| what | measured | against | ratio |', '|---|---|---|---|', ...rows].join('\n');
}
