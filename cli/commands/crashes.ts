import {
  type Board,
  BoardOfflineError,
  type KnownBoard,
  MqboardError,
  type StoredCrash,
} from '../../core/index';
import { namedBoards } from '../board-options';
import { crashTable, type KeptCrash, reportText } from '../crash-words';
import { fleetCommand, type Scene, type Task } from '../fleet-command';
import { boardsOf, isFilter } from '../known-boards';
import { onEach } from '../on-each';
import { Retained } from '../retained-crashes';

interface Wish {
  /** An id, or a number as the list has it. */
  fetch: string | undefined;
  /** The board is told that what was shown has been seen. */
  seen: boolean;
}

const look =
  (filters: string[], { fetch, seen }: Wish): Task =>
  async (scene) => {
    const { fleet, signal, options, json, result, say, write } = scene;
    const retained = new Retained();
    await fleet.watch(filters, retained);
    const known = await boardsOf(fleet, filters, signal);
    const exact = new Set(filters.filter((filter) => !isFilter(filter)));
    const keepers = known
      .filter(({ info }) => info?.do.includes('crash'))
      .map(({ board }) => board);
    const names = [...new Set([...exact, ...keepers])].sort();
    const kept: KeptCrash[] = [];
    tellOfOthers(scene, known, names);

    const code = await onEach(scene, names, async (name, board) => {
      const { crashes, error } = await keptBy(board, scene, retained);
      if (fetch === undefined) {
        kept.push(...crashes.map((crash, index) => ({ board: name, n: index + 1, ...crash })));
      } else {
        const id = find(crashes, fetch, name);
        const report = error ? retained.report(name, id) : await board.crash(id, options);
        if (report) result(reportText(name, report), { board: name, ...report });
      }
      const ids = fetch === undefined ? unseen(crashes) : [find(crashes, fetch, name)];
      if (seen && !error && ids.length > 0) await board.seenCrashes(ids, options);
      if (!error || (fetch !== undefined && !seen)) return;
      if (exact.has(name)) throw error;
      say(error.message);
    });

    kept.sort((a, b) => names.indexOf(a.board) - names.indexOf(b.board) || a.n - b.n);
    if (json) for (const crash of kept) result('', crash);
    else if (kept.length > 0) write(crashTable(kept));
    else if (fetch === undefined && code === 0) say('no crash is kept');
    return code;
  };

/** Boards that were found and cannot be asked. */
function tellOfOthers({ say }: Scene, known: KnownBoard[], asked: string[]): void {
  const others = known.map(({ board }) => board).filter((board) => !asked.includes(board));
  if (others.length > 0) say(`no crash reports are written by ${others.join(', ')}`);
}

/** What the board keeps; of one that is offline what waits at the broker, with the error that says so. */
async function keptBy(
  board: Board,
  { options }: Scene,
  retained: Retained,
): Promise<{ crashes: StoredCrash[]; error?: BoardOfflineError }> {
  try {
    return { crashes: await board.crashes(options) };
  } catch (error) {
    if (!(error instanceof BoardOfflineError)) throw error;
    const crashes = retained.of(board.prefix);
    const waits =
      crashes.length > 0
        ? 'The reports that wait at the broker are shown.'
        : 'No report waits at the broker.';
    const sentence = `${board.prefix} is offline: what it keeps can be read when it is back. ${waits}`;
    return { crashes, error: new BoardOfflineError(sentence) };
  }
}

function unseen(crashes: StoredCrash[]): string[] {
  return crashes.filter(({ seen }) => !seen).map(({ id }) => id);
}

/** Returns the id. */
function find(crashes: StoredCrash[], wanted: string, board: string): string {
  const found = crashes.find(({ id }, index) => id === wanted || `${index + 1}` === wanted);
  if (found) return found.id;
  const words = `${board} keeps no crash ${wanted}. mqboard crashes ${board} lists what it keeps.`;
  throw new MqboardError('NO_SUCH_CRASH', 'no such crash', words);
}

export default fleetCommand({
  command: 'crashes [board..]',
  describe: 'List the crashes that boards keep, or fetch the report of one',
  build: (yargs) =>
    yargs
      .positional('board', {
        type: 'string',
        array: true,
        describe: 'Boards, with + and # as in MQTT; all if missing',
      })
      .options({
        fetch: {
          type: 'string',
          requiresArg: true,
          describe: 'The whole report of this one: its id, or its number, 1 is the newest',
        },
        seen: {
          type: 'boolean',
          default: false,
          describe: 'Tell the board that what is shown was seen, so that it need not wait any more',
        },
      })
      .example('$0 crashes', 'what all boards keep')
      .example('$0 crashes esp32/test --fetch 1', 'the newest, with its traceback'),
  prepare: (args) => {
    const named = namedBoards(args, process.env);
    return look(named.length > 0 ? named : ['#'], args);
  },
});
