import { setMaxListeners } from 'node:events';
import type { Connection } from '../link/connection';
import {
  AbortedError,
  BoardRefusedError,
  InvalidInputError,
  NotConnectedError,
} from '../protocol/errors';
import type { BoardInfo } from '../protocol/info';
import { pythonToJs } from '../protocol/python-values';
import { checkPrefix } from '../protocol/topics';
import { type EncodedVariables, encodeVariables } from '../protocol/variables';
import { Deadline } from './deadline';
import { evalV1 } from './eval-v1';
import { evalV2 } from './eval-v2';
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
import { Presence } from './presence';
import { Story } from './story';
import type { EvalOptions, EvalResult } from './types';

const TIMEOUT_MS = 10_000;

/** One board, told apart by its prefix. Commands may run side by side. */
export class Board {
  readonly prefix: string;
  private readonly presence: Presence;
  private readonly channel: HostChannel;
  private readonly hello: Hello;
  private readonly closing = new AbortController();

  /** @throws InvalidInputError when `prefix` cannot be one. */
  constructor(
    private readonly connection: Connection,
    prefix: string,
  ) {
    this.prefix = checkPrefix(prefix);
    // One listener for each command in flight.
    setMaxListeners(0, this.closing.signal);
    this.presence = new Presence(connection, prefix);
    this.channel = new HostChannel(connection, prefix);
    this.hello = new Hello(connection, this.channel);
    this.presence.on('change', this.onPresence);
  }

  /**
   * Runs Python on the board: an expression for its value, or statements.
   *
   * @throws BoardError with the traceback when the code raises; NotConnectedError, BoardOfflineError,
   * BoardTimeoutError, BoardUnknownError, BoardRestartedError, BoardRefusedError, OutputLostError, AbortedError;
   * InvalidInputError for a variable that cannot be sent.
   */
  async eval(source: string, options: EvalOptions = {}): Promise<EvalResult> {
    const begun = performance.now();
    const variables = encodeVariables(options.variables);
    const story = new Story(this.prefix, this.connection, this.presence);
    const signals = [this.closing.signal, ...(options.signal ? [options.signal] : [])];
    const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
    const deadline = new Deadline(timeoutMs, signals, () => story.timeoutError());
    try {
      deadline.signal.throwIfAborted();
      if (this.connection.state !== 'connected') throw new NotConnectedError();
      options.onProgress?.('waiting');
      if (!this.presence.isKnown) {
        await deadline.limit(this.presence.contact(deadline.signal));
      }
      if (this.presence.status === 'offline') throw story.offlineError();
      const run = this.speaksV2() ? this.evalV2 : this.evalV1;
      const said = await run.call(this, source, variables, options, deadline, story);
      return { ...said, elapsedMs: performance.now() - begun };
    } finally {
      deadline.clear();
    }
  }

  get info(): BoardInfo | undefined {
    return this.presence.info;
  }

  async describe(_options: FileOptions = {}): Promise<BoardInfo | undefined> {
    throw new Error('not built yet');
  }

  async put(_path: string, _data: Buffer, _options: PutOptions = {}): Promise<PutResult> {
    throw new Error('not built yet');
  }

  async get(_path: string, _options: GetOptions = {}): Promise<GetResult> {
    throw new Error('not built yet');
  }

  async list(_path: string, _options: ListOptions = {}): Promise<FileEntry[]> {
    throw new Error('not built yet');
  }

  async stat(_path: string, _options: FileOptions = {}): Promise<FileStat> {
    throw new Error('not built yet');
  }

  async hash(_path: string, _options: FileOptions = {}): Promise<FileHash> {
    throw new Error('not built yet');
  }

  async mkdir(_path: string, _options: MkdirOptions = {}): Promise<void> {
    throw new Error('not built yet');
  }

  async remove(_path: string, _options: RemoveOptions = {}): Promise<number> {
    throw new Error('not built yet');
  }

  async rename(_path: string, _to: string, _options: FileOptions = {}): Promise<void> {
    throw new Error('not built yet');
  }

  /** Cancels what runs, and stops listening. */
  close(): void {
    this.closing.abort(new AbortedError('The board was closed while the command ran.'));
    this.presence.off('change', this.onPresence);
    this.presence.close();
    this.hello.close();
    this.channel.close();
  }

  private speaksV2(): boolean {
    return (this.presence.info?.wire ?? 1) >= 2;
  }

  private async evalV2(
    source: string,
    variables: Partial<EncodedVariables>,
    options: EvalOptions,
    deadline: Deadline,
    story: Story,
  ): Promise<Omit<EvalResult, 'elapsedMs'>> {
    const { connection, presence, channel, hello } = this;
    const { info } = presence;
    if (!info?.do.includes('eval')) {
      throw new BoardRefusedError(
        'unknown',
        'it does not offer eval. Is mqrepl among its modules?',
      );
    }
    const { text, output } = await evalV2(
      { connection, presence, channel, hello },
      {
        source,
        variables,
        info,
        deadline,
        story,
        onSent: () => options.onProgress?.('sent'),
        onAccepted: () => options.onProgress?.('running'),
        onOutput: (printed) => options.onOutput?.(printed),
      },
    );
    if (text === '') return { text: output, value: undefined, output, hasValue: false };
    return { text, value: pythonToJs(text), output, hasValue: true };
  }

  private async evalV1(
    source: string,
    variables: Partial<EncodedVariables>,
    options: EvalOptions,
    deadline: Deadline,
    story: Story,
  ): Promise<Omit<EvalResult, 'elapsedMs'>> {
    if (variables.vars && this.presence.isUnheardOf) {
      throw story.unknownError('; should it be one of version 1, it takes no variables');
    }
    if (variables.vars) {
      throw new InvalidInputError(
        'VARIABLES_NOT_SPOKEN',
        'no variables on v1',
        `The board ${this.prefix} speaks version 1 of the wire, which carries no variables, and ` +
          'pasting them into the source would not be safe. Put our firmware on it, or leave them out.',
      );
    }
    const onSent = () => options.onProgress?.('sent');
    const onAnswer = () => {
      this.presence.answered = true;
    };
    const { connection, prefix } = this;
    const text = await evalV1({ connection, prefix, source, onSent, onAnswer }, deadline.signal);
    if (text === '') return { text, value: undefined, output: '', hasValue: false };
    return { text, value: pythonToJs(text), output: '', hasValue: true };
  }

  /** What `hello` told holds for one boot and one link only. */
  private readonly onPresence = () => {
    const { status, info } = this.presence;
    if (status === 'offline' || (this.hello.boot !== undefined && info?.boot !== this.hello.boot)) {
      this.hello.forget();
    }
  };
}
