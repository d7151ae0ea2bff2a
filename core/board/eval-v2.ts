import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from '../link/connection';
import { encodeCommand } from '../protocol/command';
import { AbortedError, BoardError, BoardRefusedError } from '../protocol/errors';
import type { BoardInfo } from '../protocol/info';
import type { EncodedVariables } from '../protocol/variables';
import type { Deadline } from './deadline';
import { Exchange, type Refusal, restarted } from './exchange';
import type { Hello } from './hello';
import type { HostChannel } from './host-channel';
import type { Presence } from './presence';
import type { Ending } from './reply-stream';
import type { Story } from './story';

const BUSY_PAUSE_MS = 300;

/** What belongs to the board, whatever is evaluated on it. */
export interface Way {
  connection: Connection;
  channel: HostChannel;
  presence: Presence;
  hello: Hello;
}

/** What belongs to one call. */
export interface Call {
  source: string;
  variables: Partial<EncodedVariables>;
  info: BoardInfo;
  deadline: Deadline;
  story: Story;
  onSent: () => void;
  onAccepted: () => void;
  onOutput: (text: string) => void;
}

/**
 * Evaluates by version 2, as often as the board has said that it did not run it: busy, or restarted
 * since it was asked for its boot.
 * @throws BoardError, BoardRefusedError, BoardRestartedError, OutputLostError, or what ended the deadline.
 */
export async function evalV2(way: Way, call: Call): Promise<Ending & { kind: 'value' }> {
  const { channel, hello } = way;
  const { deadline, story } = call;
  if (!channel.isOpen) await deadline.limit(channel.open());
  let secondBoot = false;
  for (;;) {
    const outcome = await exchange(way, call);
    if (outcome.kind === 'value') return outcome;
    if (outcome.kind === 'exception') throw new BoardError(outcome.traceback, outcome.output);
    if (outcome.kind === 'stopped')
      throw new AbortedError('The command was cancelled on the board.');
    switch (outcome.code) {
      case 'busy':
        await deadline.limit(sleep(BUSY_PAUSE_MS));
        break;
      case 'restarted':
        hello.forget();
        if (secondBoot || !outcome.onlyCopy) throw restarted();
        secondBoot = true;
        break;
      case 'expired':
        throw story.timeoutError();
      default:
        throw new BoardRefusedError(outcome.code, outcome.sentence);
    }
  }
}

async function exchange(way: Way, call: Call): Promise<Ending | Refusal> {
  const { info, deadline, story } = call;
  const clock = await way.hello.ask(deadline.signal);
  const until = clock.in(deadline.remainingMs);
  const line = { do: 'eval', boot: clock.boot, until, ...call.variables };
  const command = encodeCommand(line, call.source);
  if (command.length > info.max) {
    throw new BoardRefusedError(
      'large',
      `with its variables it has ${command.length} bytes, and the board takes ${info.max}.`,
    );
  }
  return new Exchange({
    connection: way.connection,
    channel: way.channel,
    presence: way.presence,
    command,
    chunk: info.chunk,
    boot: clock.boot,
    onSent: call.onSent,
    onAccepted: () => {
      story.note('accepted');
      call.onAccepted();
    },
    onHeard: () => story.note('heard'),
    onOutput: (text) => {
      story.note('output');
      call.onOutput(text);
    },
  }).run(deadline.signal);
}
