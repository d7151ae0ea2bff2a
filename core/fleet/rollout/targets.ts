import { chipName } from '../../protocol/image-header';
import type { BoardInfo } from '../../protocol/info';
import type { UpdateTarget } from '../../protocol/update-info';
import { versionAtLeast } from '../../protocol/version';
import { expand, matches } from '../filters';
import type { KnownBoard } from '../types';
import type { BoardFilter } from './plan';

/** The names of the boards that a filter means, those that it names itself first and in its order. */
export function findTargets(
  filter: BoardFilter,
  known: KnownBoard[],
  what: UpdateTarget,
): string[] {
  const fits = new Map(known.map((board) => [board.board, describes(filter, board.info, what)]));
  const asked = filter.boards ?? ['#'];
  const named = asked.filter((name) => !/[+#]/.test(name));
  // Of a board that nobody knows only its name can be asked for.
  const nameIsEnough = describes(filter, undefined, what);
  const patterns = asked.filter((name) => /[+#]/.test(name)).flatMap(expand);
  const found = known
    .map(({ board }) => board)
    .filter((board) => patterns.some((pattern) => matches(pattern, board.split('/'))));
  return [...new Set([...named, ...found])].filter((board) => fits.get(board) ?? nameIsEnough);
}

/** Whether what a board says of itself is what is asked for. One that says nothing is only asked for by name. */
function describes(
  { chip, machine, below, tag }: BoardFilter,
  info: BoardInfo | undefined,
  what: UpdateTarget,
): boolean {
  if (chip !== undefined && plain(chipOf(info)) !== plain(chip)) return false;
  if (machine !== undefined && !info?.machine?.toLowerCase().includes(machine.toLowerCase())) {
    return false;
  }
  if (tag !== undefined && !info?.tags?.includes(tag)) return false;
  if (below === undefined) return true;
  const version = info && versionOf(info, what);
  return info !== undefined && (version === undefined || !versionAtLeast(version, below));
}

/** MicroPython says of its machine: "<board> with <chip>". */
function chipOf({ image, machine = '' }: Partial<BoardInfo> = {}): string {
  if (image) return chipName(image.chip);
  return machine.slice(machine.lastIndexOf(' with ') + 1).replace(/^with /, '');
}

function plain(chip: string): string {
  return chip.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** What a board has of this, as it says itself; undefined where it has none, or says nothing of it. */
export function versionOf(info: BoardInfo, what: UpdateTarget): string | undefined {
  if (what !== 'image') {
    return info.releases?.[what]?.version ?? (what === 'framework' ? info.fw : undefined);
  }
  const { update } = info;
  return update?.what === 'image' && update.state === 'confirmed' ? update.version : info.mpy;
}
