import { setMaxListeners } from 'node:events';
import type { Connection } from '../link/connection';
import type { CrashReport, StoredCrash } from '../protocol/crash-report';
import { AbortedError } from '../protocol/errors';
import type { BoardInfo } from '../protocol/info';
import type { LogRecord } from '../protocol/log-record';
import type { Release } from '../protocol/release';
import { checkPrefix } from '../protocol/topics';
import type { Slot } from '../protocol/update-info';
import { callBoard, type Way } from './call';
import { crash, crashes, seenCrashes } from './crashes';
import { evaluate } from './eval';
import { getFile } from './files/get';
import { hash, list, mkdir, remove, rename, stat } from './files/manage';
import { putFile } from './files/put';
import type {
  FileEntry,
  FileHash,
  FileOptions,
  FileStat,
  GetOptions,
  GetResult,
  ListOptions,
  MkdirOptions,
  PutOptions,
  PutResult,
  RemoveOptions,
} from './files/types';
import { Hello } from './hello';
import { HostChannel } from './host-channel';
import { type KeptSetting, keep, type LogOptions, logLines, type Setting, set } from './logs';
import { Presence } from './presence';
import { reset } from './reset';
import type { EvalOptions, EvalResult } from './types';
import { deploy } from './updates/deploy';
import { flash } from './updates/flash';
import { confirm, releases } from './updates/releases';
import { rollback } from './updates/rollback';
import type {
  FlashOptions,
  ReleaseState,
  ResetHow,
  ResetOptions,
  RollbackOptions,
  UpdateOptions,
  UpdateResult,
} from './updates/types';

const TIMEOUT_MS = 10_000;

/**
 * One board, told apart by its prefix. Commands may run side by side.
 *
 * Whatever is asked of it fails with NotConnectedError, BoardOfflineError, BoardTimeoutError, BoardUnknownError,
 * BoardRestartedError, BoardRefusedError, OutputLostError or AbortedError; what concerns files also with
 * BoardFileError, and with InvalidInputError for a path that cannot be one.
 */
export class Board {
  readonly prefix: string;
  private readonly presence: Presence;
  private readonly channel: HostChannel;
  private readonly hello: Hello;
  private readonly closing = new AbortController();
  private readonly way: Way;

  /** @throws InvalidInputError when `prefix` cannot be one. */
  constructor(connection: Connection, prefix: string) {
    this.prefix = checkPrefix(prefix);
    // One listener for each command in flight.
    setMaxListeners(0, this.closing.signal);
    const presence = new Presence(connection, prefix);
    const channel = new HostChannel(connection, prefix);
    const hello = new Hello(connection, channel);
    this.presence = presence;
    this.channel = channel;
    this.hello = hello;
    this.way = { prefix, connection, presence, channel, hello, closing: this.closing.signal };
    this.presence.on('change', this.onPresence);
  }

  /** What the board says of itself; undefined before the first contact, and of a board of version 1. */
  get info(): BoardInfo | undefined {
    return this.presence.info;
  }

  /** Makes first contact, and returns what the board says of itself; undefined of one of version 1. */
  describe({ timeoutMs = TIMEOUT_MS, signal }: FileOptions = {}): Promise<BoardInfo | undefined> {
    return callBoard(this.way, { timeoutMs, signal }, async () => this.info);
  }

  /**
   * Runs Python on the board: an expression for its value, or statements.
   *
   * @throws BoardError with the traceback when the code raises; InvalidInputError for a variable that
   * cannot be sent.
   */
  eval(source: string, options: EvalOptions = {}): Promise<EvalResult> {
    return evaluate(this.way, source, options);
  }

  /**
   * Writes a file: it appears under its name at once and whole, or not at all. `data` must not change
   * before it is over.
   */
  put(path: string, data: Buffer, options: PutOptions = {}): Promise<PutResult> {
    return putFile(this.way, path, data, options);
  }

  /** Reads a file, into memory or into a sink. */
  get(path: string, options: GetOptions = {}): Promise<GetResult> {
    return getFile(this.way, path, options);
  }

  /** What is in a folder, each folder before what is in it; or the one entry of a file. */
  list(path: string, options: ListOptions = {}): Promise<FileEntry[]> {
    return list(this.way, path, options);
  }

  /** What is at a path, and its size and time; of a folder the size and the room of its file system. */
  stat(path: string, options: FileOptions = {}): Promise<FileStat> {
    return stat(this.way, path, options);
  }

  /** SHA-256 of a file, taken by the board. */
  hash(path: string, options: FileOptions = {}): Promise<FileHash> {
    return hash(this.way, path, options);
  }

  /** Makes a folder. */
  mkdir(path: string, options: MkdirOptions = {}): Promise<void> {
    return mkdir(this.way, path, options);
  }

  /** Removes a file, unless `what` says otherwise. Returns how many entries were removed. */
  remove(path: string, options: RemoveOptions = {}): Promise<number> {
    return remove(this.way, path, options);
  }

  /** Gives a file or a folder another path. A file that is there is replaced, a folder never. */
  rename(path: string, to: string, options: FileOptions = {}): Promise<void> {
    return rename(this.way, path, to, options);
  }

  /**
   * Changes until its next boot what a board logs or how often it tells its vital signs; null goes back to its
   * configuration. Without `to` nothing is changed. Returns the setting that holds then.
   */
  set(what: Setting, to?: object | null, options: FileOptions = {}): Promise<unknown> {
    return set(this.way, what, to, options);
  }

  /**
   * Has the broker hold a setting for the board, which takes it at once, or when it is there again; null takes
   * it back. Fails with NotConnectedError only, whether the board is there or not.
   */
  keep(what: KeptSetting, to: object | null): Promise<void> {
    return keep(this.way, what, to);
  }

  /** What the board still remembers of its log, also of what it has sent, the oldest first. */
  logLines(options: LogOptions = {}): Promise<LogRecord[]> {
    return logLines(this.way, options);
  }

  /** The crash reports that the board keeps, the newest first. */
  crashes(options: FileOptions = {}): Promise<StoredCrash[]> {
    return crashes(this.way, options);
  }

  /** One crash report, whole. */
  crash(id: string, options: FileOptions = {}): Promise<CrashReport> {
    return crash(this.way, id, options);
  }

  /** Tells the board that these reports need not be told again; it keeps them. */
  seenCrashes(ids: string[], options: FileOptions = {}): Promise<void> {
    return seenCrashes(this.way, ids, options);
  }

  /**
   * Brings a release to the board and waits until the board, on the new release, says that it is confirmed, or that it
   * went back. Called again after whatever went wrong, it goes on where it was; also in another process.
   *
   * @throws BoardFileError with the reason `needs`, `trial`, `full` or `corrupt`, and nothing was changed;
   * BoardTimeoutError where the board says nothing of the outcome within `trialMs`.
   */
  deploy(release: Release, options: UpdateOptions = {}): Promise<UpdateResult> {
    return deploy(this.way, release, options);
  }

  /**
   * Writes a firmware image into the partition that does not run, and goes on as `deploy`. A board of version 1 has no
   * trial: there `updated` says only that it answered again after its restart.
   *
   * @throws InvalidInputError for what is no image, or not a whole one; BoardFileError `slots` where the
   * board takes none, `needs` for one of another chip, `full` for one that is too large; and as `deploy`.
   */
  flash(image: Buffer, options: FlashOptions = {}): Promise<UpdateResult> {
    return flash(this.way, image, options);
  }

  /**
   * Undoes what is on trial in a slot, or else brings back the release before, which then runs on trial first. The
   * outcome is `updated` when that is there, and `rolled-back` when the older release did not prove itself.
   */
  rollback(slot: Slot, options: RollbackOptions = {}): Promise<UpdateResult> {
    return rollback(this.way, slot, options);
  }

  /** Confirms what is on trial now. With nothing on trial: what is there goes into the safe copy. */
  confirm(options: FileOptions = {}): Promise<void> {
    return confirm(this.way, options);
  }

  /** What is in the slots. `verify`: each file is hashed to find out what was changed. */
  releases(options: FileOptions & { verify?: boolean } = {}): Promise<ReleaseState> {
    return releases(this.way, options);
  }

  /**
   * Restarts the board: into normal mode, also where the broker holds it in safe mode; into safe mode; softly; or at
   * once and without ending anything properly. It is over when the board has taken it, with `wait` when it is back.
   */
  reset(how: ResetHow, options: ResetOptions = {}): Promise<void> {
    return reset(this.way, how, options);
  }

  /** Cancels what runs, and stops listening. */
  close(): void {
    this.closing.abort(new AbortedError('The board was closed while the command ran.'));
    this.presence.off('change', this.onPresence);
    this.presence.close();
    this.hello.close();
    this.channel.close();
  }

  /** What `hello` told holds for one boot and one link only. */
  private readonly onPresence = () => {
    const { status, info } = this.presence;
    if (status === 'offline' || (this.hello.boot !== undefined && info?.boot !== this.hello.boot)) {
      this.hello.forget();
    }
  };
}
