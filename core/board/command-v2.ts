import { setTimeout as sleep } from 'node:timers/promises';
import { encodeCommand } from '../protocol/command';
import { AbortedError, BoardError, BoardRefusedError, type MqboardError } from '../protocol/errors';
import { BoardFileError } from '../protocol/file-errors';
import type { Call } from './call';
import { Exchange, type ExchangeOptions, restarted } from './exchange';
import type { Ending } from './reply-stream';

const BUSY_PAUSE_MS = 300;

/** A command of version 2, and who is told how it goes. */
export interface CommandV2 {
  do: string;
  /** Keys of the command line besides the common ones. */
  keys: Record<string, unknown>;
  body?: string | Buffer;
  /** Carrying it out twice does no harm: it is started again whenever the board did not take it. */
  repeatable?: boolean;
  /** What an older firmware lacks, and what to do about it, in words. */
  unknown?: string;
  /** The error for an end with `f`. Default: one about a file. */
  failed?: (code: string, sentence: string) => MqboardError;
  onSent?: () => void;
  onAccepted?: () => void;
  /** A sign of life of the board. */
  onHeard?: () => void;
  onOutput?: (text: string) => void;
  transfer?: ExchangeOptions['transfer'];
}

/**
 * Carries a command out by version 2, as often as the board has said that it did not run it: busy, or
 * restarted since it was asked for its boot.
 * @throws BoardError, BoardFileError, BoardRefusedError, BoardRestartedError, OutputLostError, or what
 * ended the deadline.
 */
export async function runV2(call: Call, command: CommandV2): Promise<Ending & { kind: 'value' }> {
  const { way, deadline, story } = call;
  if (!way.presence.info?.do.includes(command.do)) {
    if (way.presence.isUnheardOf) throw story.unknownError();
    const words = command.unknown ?? 'Its firmware is older than that: update it.';
    throw new BoardRefusedError('unknown', `it does not offer ${command.do}. ${words}`);
  }
  if (!way.channel.isOpen) await deadline.limit(way.channel.open());
  let secondBoot = false;
  for (;;) {
    const outcome = await exchange(call, command);
    switch (outcome.kind) {
      case 'value':
        return outcome;
      case 'exception':
        throw new BoardError(outcome.traceback, outcome.output);
      case 'failed':
        throw failure(call, command, outcome);
      case 'stopped':
        throw new AbortedError('The command was cancelled on the board.');
    }
    switch (outcome.code) {
      case 'busy':
        story.busy(outcome.sentence);
        await deadline.limit(sleep(BUSY_PAUSE_MS));
        break;
      case 'restarted':
        way.hello.forget();
        if (!command.repeatable && (secondBoot || !outcome.onlyCopy)) throw restarted();
        secondBoot = true;
        break;
      case 'expired':
        if (!command.repeatable) throw story.timeoutError();
        way.hello.forget();
        break;
      default:
        throw new BoardRefusedError(outcome.code, outcome.sentence);
    }
  }
}

function failure(
  { way }: Call,
  { keys, failed, ...command }: CommandV2,
  { code, sentence }: Ending & { kind: 'failed' },
): MqboardError {
  if (failed) return failed(code, sentence);
  return new BoardFileError(code, String(keys.path ?? command.do), way.prefix, sentence);
}

async function exchange({ way, deadline, story }: Call, command: CommandV2) {
  const { max, chunk } = way.presence.info ?? { max: 0, chunk: 0 };
  const clock = await way.hello.ask(deadline.signal);
  const until = clock.in(deadline.remainingMs);
  const line = { do: command.do, boot: clock.boot, until, ...command.keys };
  const bytes = encodeCommand(line, command.body ?? '');
  if (bytes.length > max) {
    const words = `with its variables it has ${bytes.length} bytes, and the board takes ${max}.`;
    throw new BoardRefusedError('large', words);
  }
  return new Exchange({
    ...way,
    command: bytes,
    chunk,
    boot: clock.boot,
    transfer: command.transfer,
    onSent: () => command.onSent?.(),
    onAccepted: () => {
      story.note('accepted');
      command.onAccepted?.();
    },
    onHeard: () => {
      story.note('heard');
      command.onHeard?.();
    },
    onOutput: (text) => {
      story.note('output');
      command.onOutput?.(text);
    },
  }).run(deadline.signal);
}
