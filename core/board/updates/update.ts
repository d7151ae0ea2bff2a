import { once } from 'node:events';
import { BoardRefusedError, BoardRestartedError, NotConnectedError } from '../../protocol/errors';
import { BoardFileError } from '../../protocol/file-errors';
import type { BoardInfo } from '../../protocol/info';
import type { UpdateInfo, UpdateTarget } from '../../protocol/update-info';
import { type Call, callBoard, speaksV2, type Way } from '../call';
import { type CommandV2, runV2 } from '../command-v2';
import { STALLED, TRANSFER_MS } from '../files/persist';
import type { Place } from '../transfer/shared-stream';
import { inTurn } from './in-turn';
import { UpdateNumber } from './number';
import { Sending } from './sending';
import type { UpdateOptions, UpdateResult } from './types';
import { watchTrial } from './watch-trial';

/** How much later than at a first contact a board may say that it is more than version 1. */
const LATE_MS = 3_000;
/** How often a board may forget what it was to try, or find it damaged, before it is given up. */
const ROUNDS = 3;

/** Something new for a board, of which `update` makes sure that it gets there and proves itself. */
export interface Update {
  what: UpdateTarget;
  version: string;
  /** For the words of errors. */
  name: string;
  /** SHA-256 of what it brings. */
  sha256: string;
  /** Version of what is there before. */
  before(info: BoardInfo): string | undefined;
  /** Puts all of it on the board, next to what runs. Returns true when it runs already. */
  bring(sending: Sending, number: UpdateNumber): Promise<boolean>;
  /** The command that has the board try it. */
  tryIt(id: string): CommandV2;
  /** Does all of it by version 1, where that is possible. */
  byV1?(sending: Sending): Promise<void>;
}

/** Brings an update to a board and waits for what becomes of it. */
export function update(way: Way, wanted: Update, options: UpdateOptions): Promise<UpdateResult> {
  return inTurn(way, options.signal, () => carryOut(way, wanted, options));
}

async function carryOut(way: Way, wanted: Update, options: UpdateOptions): Promise<UpdateResult> {
  const begun = performance.now();
  // At once, so that those who begin at the same time wait for each other.
  const place = options.share?.expect();
  try {
    const updating = new Updating(way, wanted, options, place);
    const done = await updating.run();
    return { ...done, elapsedMs: performance.now() - begun };
  } finally {
    place?.leave();
  }
}

type Done = Omit<UpdateResult, 'elapsedMs'>;

class Updating {
  private readonly number: UpdateNumber;
  private readonly sending: Sending;
  private before: string | undefined;

  constructor(
    private readonly way: Way,
    private readonly wanted: Update,
    private readonly options: UpdateOptions,
    private readonly place: Place | undefined,
  ) {
    this.number = new UpdateNumber(way, wanted.sha256);
    this.sending = new Sending(place, (done, total) => {
      options.onProgress?.({ phase: 'sending', done, total });
    });
  }

  async run(): Promise<Done> {
    const { way, wanted, number, options } = this;
    if (wanted.byV1 && (await isOfVersion1(way, options))) {
      this.place?.leave();
      await wanted.byV1(this.sending);
      return this.done('updated');
    }
    for (let round = 0; round < ROUNDS; round++) {
      options.onProgress?.({ phase: 'checking' });
      const info = await checkedInfo(way, wanted.name, options);
      let boot: number | undefined;
      if (!number.recognises(info.update)) {
        if (round === 0) this.before = wanted.before(info);
        const brought = await this.bring();
        if (brought === 'runs already') {
          number.forget();
          return this.done('already');
        }
        this.place?.leave();
        const taken = brought === 'on trial' ? 'unsure' : await this.tryIt();
        if (taken === 'not') continue;
        if (taken === 'yes') boot = way.presence.info?.boot;
        options.onProgress?.({ phase: 'restarting' });
      }
      const isIt = (update: UpdateInfo) => number.recognises(update);
      const ending = await watchTrial(way, { name: wanted.name, isIt, boot }, options);
      if (ending) {
        number.forget();
        return ending.state === 'confirmed' ? this.done('updated') : this.undone(ending);
      }
    }
    throw new BoardRestartedError(
      `The board ${way.prefix} did not take up ${wanted.name}, ${ROUNDS} times in a row: it restarted, or ` +
        'found it damaged. Look at its log and its crash reports; what it had before still runs.',
    );
  }

  private async bring(): Promise<'runs already' | 'on trial' | 'there'> {
    const { way, wanted, number } = this;
    try {
      return (await wanted.bring(this.sending, number)) ? 'runs already' : 'there';
    } catch (error) {
      // What is in the way may be this very update, whose beginning nobody had heard of.
      const isOnTrial = reasonOf(error) === 'trial' && number.recognises(way.presence.info?.update);
      if (!isOnTrial) throw error;
      return 'on trial';
    }
  }

  /** Returns whether the board has said that it will; where it is unsure, only its next words can tell. */
  private async tryIt(): Promise<'yes' | 'not' | 'unsure'> {
    const { way, wanted, number, options } = this;
    const command = wanted.tryIt(number.id);
    try {
      await callAbout(way, options, (call) =>
        runV2(call, { ...command, onHeard: () => call.deadline.renew() }),
      );
      return 'yes';
    } catch (error) {
      if (reasonOf(error) === 'corrupt') return 'not';
      const isUnsure = error instanceof BoardRestartedError || error instanceof NotConnectedError;
      if (!isUnsure) throw error;
      return 'unsure';
    }
  }

  private undone({ why, crash }: UpdateInfo): Done {
    const done = this.done('rolled-back');
    return { ...done, ...(why !== undefined && { reason: why }), ...(crash && { crash }) };
  }

  private done(outcome: UpdateResult['outcome']): Done {
    const { before, sending, wanted } = this;
    const { what, version } = wanted;
    const { wireBytes } = sending;
    return { outcome, what, version, ...(before !== undefined && { before }), wireBytes };
  }
}

/** The code of an error about files or updates. */
function reasonOf(error: unknown): string | undefined {
  return error instanceof BoardFileError ? error.reason : undefined;
}

/** One call about an update, for which it counts that there is progress. */
export function callAbout<T>(
  way: Way,
  { timeoutMs = TRANSFER_MS, signal }: UpdateOptions,
  run: (call: Call) => Promise<T>,
): Promise<T> {
  return callBoard(way, { timeoutMs, signal, idle: STALLED }, run);
}

/**
 * Version 1 would take an update without a trial, so a board is not taken for one of it only because a broker that
 * is busy with hundreds of boards comes late with what it has retained.
 */
function isOfVersion1(way: Way, options: UpdateOptions): Promise<boolean> {
  const { presence } = way;
  return callAbout(way, options, async ({ deadline }) => {
    const patience = AbortSignal.any([deadline.signal, AbortSignal.timeout(LATE_MS)]);
    while (!presence.info && !patience.aborted) {
      await once(presence, 'change', { signal: patience }).catch(() => {});
    }
    deadline.signal.throwIfAborted();
    return !speaksV2(way);
  });
}

/** @throws BoardRefusedError of a board that can have no updates; what first contact throws. */
export function checkedInfo(way: Way, name: string, options: UpdateOptions): Promise<BoardInfo> {
  return callAbout(way, options, async ({ story }) => {
    const { presence } = way;
    if (presence.isUnheardOf) throw story.unknownError();
    if (presence.info && speaksV2(way)) return presence.info;
    throw new BoardRefusedError(
      'unknown',
      `it speaks version 1 of the wire, which has no updates that undo themselves, so ${name} cannot be ` +
        'tried on it. Put our firmware on it first, or bring the files by sync.',
    );
  });
}

/** The error of a command that is about an update. */
export function failedFor(way: Way, name: string) {
  return (code: string, sentence: string) => new BoardFileError(code, name, way.prefix, sentence);
}
