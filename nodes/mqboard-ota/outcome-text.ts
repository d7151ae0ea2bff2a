import { type BoardResult, OUTCOMES, type RolloutResult } from '../../core/index';
import type { Words } from '../shared/words';

/** A mail need not name them all. */
const MOST_NAMED = 5;

const COUNTED = [...OUTCOMES, 'open'] as const;

/** What became of a board, in a sentence for people. */
export function boardText(result: BoardResult, words: Words): string {
  const { board, outcome, version, reason = '' } = result;
  const values = { board, version, reason };
  return words(`text.${outcome}`, `${board}, ${version}: ${outcome}. ${reason}`, values).trim();
}

/** What became of a roll-out, in a paragraph: why it ended, how many boards came to what, and which failed. */
export function rolloutText(result: RolloutResult, words: Words): string {
  const { state, what, version, why = '', counts, results } = result;
  const values = { what: words(`text.what.${what}`, what), version, why };
  const sentences = [words(`text.${state}`, `${what} ${version}: ${state}. ${why}`, values).trim()];
  const parts = COUNTED.filter((outcome) => counts[outcome] > 0).map((outcome) => {
    const number = counts[outcome];
    return words(`text.count.${outcome}`, `${outcome}: ${number}`, { number });
  });
  if (parts.length > 0) sentences.push(`${parts.join(', ')}.`);
  if (counts.total === 0) sentences.push(words('text.nobody', 'No board is meant.'));
  const failed = results.filter(({ outcome }) => outcome === 'failed' || outcome === 'rolled-back');
  for (const one of failed.slice(0, MOST_NAMED)) sentences.push(boardText(one, words));
  return sentences.join(' ');
}
