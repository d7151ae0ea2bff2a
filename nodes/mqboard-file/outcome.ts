import type { SyncReport } from '../../core/index';
import { shortSize, shortTime } from '../shared/short-texts';
import type { Words } from '../shared/words';

/** What came out of an action. */
export interface Outcome {
  /** Goes into the property that was chosen. */
  result: unknown;
  /** What `msg.mqboard` tells besides the action and the time. */
  report: object;
  /** Stands below the node; without it the time does. */
  shown?: string;
}

/** The longest text that Node-RED shows below a node without cutting it. */
const LONGEST = 19;

export function shownTransfer(size: number, elapsedMs: number): string {
  return `${shortSize(size)} in ${shortTime(elapsedMs)}`;
}

export function shownList(entries: number, words: Words): string {
  if (entries === 1) return words('status.entry', '1 entry');
  return words('status.entries', `${entries} entries`, { count: entries });
}

export function shownSync({ dryRun, put, same, removed }: SyncReport, words: Words): string {
  if (dryRun && removed > 0) {
    return words('status.plannedAndExtra', `${put} to put, ${removed} to go`, { put, removed });
  }
  if (dryRun) return words('status.planned', `${put} to put`, { put });
  const whole = words('status.synced', `${put} put, ${same} same`, { put, same });
  return whole.length > LONGEST ? words('status.put', `${put} put`, { put }) : whole;
}
