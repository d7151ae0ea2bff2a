import { usageError } from './broker-options';

/** What every command takes that lets something run on trial. */
export const trialOption = {
  trial: {
    type: 'string',
    requiresArg: true,
    describe: 'Seconds to wait until the board has confirmed or undone it, default 900',
  },
} as const;

/** @throws InvalidInputError */
export function trialFrom({ trial }: { trial?: string | undefined }): { trialMs?: number } {
  if (trial === undefined) return {};
  const seconds = Number(trial);
  if (seconds > 0 && Number.isFinite(seconds)) return { trialMs: seconds * 1000 };
  throw usageError(`--trial is "${trial}". It is a number of seconds above 0.`);
}
