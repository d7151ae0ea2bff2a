import { present, Said } from './said';
import { type PythonException, parseTraceback } from './traceback';

export type ReportedKind = 'exception' | 'hang' | 'unexplained';

/** What a board says of a crash besides its traceback and its last words. */
export interface CrashFacts {
  /** Number of the boot it happened in, a dot, and which crash of this boot it is. */
  id: string;
  kind: ReportedKind;
  /** Where the exception came out, in words. */
  where?: string;
  /** The board restarted because of it. */
  restarted: boolean;
  /** How often the same has come again since the report was written. */
  again: number;
  /** Seconds since the start. */
  up?: number;
  /** UNIX seconds, where the board's clock was set. */
  time?: number;
  /** Minutes that its log lines are ahead of UTC. */
  zone?: number;
  /** Bytes of free heap. */
  free?: number;
  boots?: number;
  fw?: string;
  mpy?: string;
  /** What the boot had last noted that it did. */
  doing?: string;
}

/** A whole crash report. */
export interface CrashReport extends CrashFacts {
  /** The traceback as the board wrote it. */
  trace?: string;
  exception?: PythonException;
  /** The last log lines before, oldest first, as they were published. */
  log: string[];
}

/** A report in the board's own store. */
export interface StoredCrash extends CrashFacts {
  /** A host has it. */
  seen: boolean;
  /** The last line of its traceback. */
  text?: string;
}

/** A report has at most 3 KiB; what is far above is none. */
const MOST_BYTES = 65_536;
/** So is a number that is longer than this. It is sent back to the board. */
const LONGEST_ID = 64;
const KINDS = ['exception', 'hang', 'unexplained'] as const;

/** Reads a report. Returns undefined for what is none, such as the empty message that clears one. */
export function parseCrashReport(payload: Buffer | string): CrashReport | undefined {
  const said = Said.parse(payload, MOST_BYTES);
  const facts = said && factsIn(said);
  if (!facts) return undefined;
  const trace = said.text('trace');
  const exception = trace === undefined ? undefined : parseTraceback(trace);
  return {
    ...facts,
    ...present({ trace, exception }),
    log: said.texts('log') ?? said.text('log')?.trimEnd().split('\n') ?? [],
  };
}

/** Reads one entry of the list that the command `crash` ends with. */
export function parseStoredCrash(value: unknown): StoredCrash | undefined {
  const said = Said.of(value);
  const facts = said && factsIn(said);
  return facts && { ...facts, seen: said.true('seen'), ...present({ text: said.text('text') }) };
}

function factsIn(said: Said): CrashFacts | undefined {
  const id = said.text('id');
  const kind = said.word('kind', KINDS);
  if (!id || id.length > LONGEST_ID || kind === undefined) return undefined;
  return {
    id,
    kind,
    restarted: said.true('restarted'),
    again: said.count('again') ?? 0,
    ...present({
      where: said.text('where'),
      up: said.seconds('up'),
      time: said.seconds('time'),
      zone: said.number('zone'),
      free: said.count('free'),
      boots: said.count('boots'),
      fw: said.text('fw'),
      mpy: said.text('mpy'),
      doing: said.text('doing'),
    }),
  };
}
