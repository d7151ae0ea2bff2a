import { type BoardResult, OUTCOMES, type RolloutResult } from '../../core/index';
import type { Words } from '../shared/words';

/** A mail need not name them all. */
const MOST_NAMED = 5;
const COUNTED = [...OUTCOMES, 'open'] as const;

const WHAT = {
  app: 'the application',
  config: 'the configuration',
  framework: 'the framework',
  image: 'the firmware',
};

const COUNTS: Record<(typeof COUNTED)[number], string> = {
  updated: 'updated',
  already: 'had it already',
  'rolled-back': 'went back',
  failed: 'failed',
  unreachable: 'not reached',
  refused: 'refused',
  open: 'not tried',
};

/** What became of a board, in a sentence for people. */
export function boardText(result: BoardResult, words: Words): string {
  const { board, outcome, version } = result;
  const reason = ended(result.reason ?? '');
  const english = {
    updated: `${board} runs ${version} now, and has confirmed it.`,
    already: `${board} had ${version} already.`,
    'rolled-back': `${board} tried ${version} and went back to what it had: ${reason}`,
    failed: `${board} could not be brought to ${version}: ${reason}`,
    unreachable: `${board} was not reached: ${reason}`,
    refused: `${board} was not brought to ${version}: ${reason}`,
  };
  return words(`text.${outcome}`, english[outcome], { board, version, reason });
}

/** What became of a roll-out, in a paragraph: why it ended, how many boards came to what, and which failed. */
export function rolloutText(result: RolloutResult, words: Words): string {
  const { version, counts, results } = result;
  const what = words(`text.what.${result.what}`, WHAT[result.what]);
  const why = ended(result.why ?? '');
  const english = {
    done: `The roll-out of ${what} ${version} is over.`,
    stopped: `The roll-out of ${what} ${version} was stopped. ${why}`,
    aborted: `The roll-out of ${what} ${version} was aborted.`,
    suspended: '',
  };
  const sentences = [
    words(`text.${result.state}`, english[result.state], { what, version, why }),
    ...(counts.total === 0
      ? [words('text.nobody', 'None of the known boards is one of those that are meant.')]
      : []),
  ];
  const parts = COUNTED.filter((outcome) => counts[outcome] > 0).map((outcome) => {
    const number = counts[outcome];
    return words(`text.count.${outcome}`, `${number} ${COUNTS[outcome]}`, { number });
  });
  if (parts.length > 0) sentences.push(`${parts.join(', ')}.`);
  const failed = results.filter(({ outcome }) => outcome === 'failed' || outcome === 'rolled-back');
  for (const one of failed.slice(0, MOST_NAMED)) sentences.push(boardText(one, words));
  return sentences.join(' ');
}

/** What a board or an error says may be a sentence or not. */
function ended(text: string): string {
  return text === '' || /[.!?]$/.test(text) ? text : `${text}.`;
}
