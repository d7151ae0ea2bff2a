import { join } from 'node:path';
import { type Figure, median } from './figures';
import { startPython } from './python';

const ROUNDS = 25;

/** What each kind of line costs; `print` is the other program of the run. */
const KINDS = {
  console: 'to the console',
  broker: 'to the broker: said, handed to the client, acknowledged',
  both: 'to both',
  outage: 'said during an outage, with the buffer full: each drops another',
  unseen: 'below its level',
};

type Costs = Record<keyof typeof KINDS | 'print', [microseconds: number, bytes: number]>;

/**
 * Time and heap of one log line on the unix port, against one `print` of the same text in the same run.
 * The MQTT client's part is not in it.
 */
export async function measure(): Promise<Figure[]> {
  const path = `.frozen:${join(__dirname, '../firmware/lib')}`;
  const rounds: Costs[] = [];
  const program = await startPython('log_line.py', [String(ROUNDS)], { path });
  try {
    for (let i = 0; i < ROUNDS; i += 1) {
      const line = await program.line(new RegExp(`^figures ${i} `));
      rounds.push(JSON.parse(line.slice(line.indexOf('{'))));
    }
  } finally {
    await program.stop();
  }
  const middle = (kind: keyof Costs, which: 0 | 1) =>
    median(rounds.map((costs) => costs[kind][which]));
  const figures: Figure[] = [];
  for (const [which, unit] of [
    [0, 'µs'],
    [1, 'bytes'],
  ] as const) {
    for (const [kind, words] of Object.entries(KINDS) as [keyof typeof KINDS, string][]) {
      figures.push({
        what: `a log line ${words}`,
        value: middle(kind, which),
        unit,
        against: { what: 'print', value: middle('print', which) },
      });
    }
  }
  return figures;
}
