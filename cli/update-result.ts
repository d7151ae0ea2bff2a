import type { Board, UpdateProgress, UpdateResult } from '../core/index';
import type { Job, Turn } from './run-on-boards';
import { UpdateUndoneError } from './update-undone';
import { bytes, duration } from './words';

type Act = (
  board: Board,
  options: Turn['options'] & { onProgress: (progress: UpdateProgress) => void },
) => Promise<UpdateResult>;

/** Does one update of a board, shows how far it is, and says how it ended. */
export function updating(act: Act): Job {
  return async (board, turn) => {
    const result = await act(board, { ...turn.options, onProgress: shownOn(turn) });
    if (result.outcome !== 'rolled-back') return turn.result(inWords(result), result);
    turn.details = result;
    throw new UpdateUndoneError(undone(board.prefix, result));
  };
}

const STEPS = {
  checking: 'asking what is there',
  sending: 'sending',
  restarting: 'restarting',
  trial: 'on trial, until the board confirms it',
} as const;

function shownOn({ onProgress, onStep }: Turn): (progress: UpdateProgress) => void {
  let begun: { at: number; bytes: number } | undefined;
  return ({ phase, done, total }) => {
    if (done === undefined || total === undefined) return onStep(STEPS[phase]);
    const now = performance.now();
    // What was there from an earlier try did not take any time.
    begun ??= { at: now, bytes: done };
    const seconds = (now - begun.at) / 1000;
    const bytesPerSecond = seconds > 0 ? (done - begun.bytes) / seconds : 0;
    onProgress({
      bytes: done,
      total,
      bytesPerSecond,
      remainingSeconds: bytesPerSecond > 0 ? (total - done) / bytesPerSecond : undefined,
    });
  };
}

function inWords({ outcome, what, version, before, wireBytes, elapsedMs }: UpdateResult): string {
  const name = `${what} ${version}`;
  if (outcome === 'already') return `${name}: the board has it already\n`;
  const was = before === undefined ? '' : `, before ${before}`;
  return `${name}: updated${was} (${bytes(wireBytes)} sent, ${duration(elapsedMs / 1000)})\n`;
}

function undone(prefix: string, { what, version, before, reason, crash }: UpdateResult): string {
  const back = before === undefined ? 'what it had before' : before;
  const why = reason === undefined ? '' : ` Why: ${reason.replace(/\.?$/, '.')}`;
  const more = crash === undefined ? '' : ` Its report: mqboard crashes ${prefix} --fetch ${crash}`;
  return `${what} ${version} did not prove itself, and the board went back to ${back}.${why}${more}`;
}
