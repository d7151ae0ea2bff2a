import { type ReleaseState, SLOTS, type SlotState, type UpdateInfo } from '../core/index';
import { facts, table } from './table';
import { bytes } from './words';

const HEADING = ['SLOT', 'NAME', 'VERSION', 'FILES', 'BEFORE', 'MODIFIED'];
/** More paths than this make a line that nobody reads. */
const MOST_PATHS = 5;

/** What is on a board, a line each slot, and what else is known of its updates. */
export function releaseTable({ slots, update, free }: ReleaseState): string {
  const rows = SLOTS.map((slot) => [slot, ...row(slots[slot])]);
  const more = facts([
    ['last update', update && updateInWords(update)],
    ['free', free === undefined ? undefined : bytes(free)],
  ]);
  return table([HEADING, ...rows]) + (more && `\n${more}`);
}

function row(slot: SlotState | undefined): string[] {
  if (!slot) return ['-', '-', '-', '-', '-'];
  const { name, version, files, before, modified } = slot;
  // Files that were there before the first release.
  const earlier = before === '' ? 'no release' : before;
  const known = [name, version, files?.toString(), earlier].map((value) => value ?? '-');
  return [...known, modified.length > 0 ? pathsInWords(modified) : '-'];
}

function pathsInWords(paths: string[]): string {
  const more = paths.length - MOST_PATHS;
  return `${paths.slice(0, MOST_PATHS).join(' ')}${more > 0 ? ` and ${more} more` : ''}`;
}

const STATES: Record<UpdateInfo['state'], string> = {
  trial: 'on trial',
  confirmed: 'confirmed',
  undone: 'undone',
};

/** The last update of a board, in one line. */
export function updateInWords({ what, version, state, why, crash }: UpdateInfo): string {
  const report = crash === undefined ? '' : ` (crash ${crash})`;
  const reason = why === undefined ? '' : `: ${why}`;
  return `${what} ${version}, ${STATES[state]}${reason}${report}`;
}
