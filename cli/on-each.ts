import { type Board, checkPrefix } from '../core/index';
import type { Scene } from './fleet-command';

/**
 * Does a job on each of these boards, side by side; an error of one does not stop the others. Returns the
 * exit code, the highest of them.
 */
export async function onEach(
  { boards, fail }: Scene,
  names: string[],
  job: (name: string, board: Board) => Promise<void>,
): Promise<number> {
  names.forEach(checkPrefix);
  const one = async (name: string) => {
    try {
      await job(name, boards.get(name));
      return 0;
    } catch (error) {
      return fail(error, { board: name });
    }
  };
  return Math.max(0, ...(await Promise.all(names.map(one))));
}
