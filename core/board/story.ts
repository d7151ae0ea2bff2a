import type { Connection } from '../link/connection';
import { sleeping } from '../protocol/asleep';
import {
  BoardOfflineError,
  BoardRefusedError,
  BoardTimeoutError,
  BoardUnknownError,
  type MqboardError,
} from '../protocol/errors';
import type { Presence } from './presence';

interface Idle {
  what: string;
  milliseconds: number;
}

type Event = 'accepted' | 'heard' | 'output';

/** A board whose loop runs answers each question, of which there is one in five seconds at least. */
const SILENCE_MS = 7_000;

/** What happened to one command so far, to be told when its time is up. */
export class Story {
  private readonly times = new Map<Event, number>();
  private readonly begun = performance.now();
  private refusal = '';

  constructor(
    private readonly prefix: string,
    private readonly connection: Connection,
    private readonly presence: Presence,
  ) {}

  note(event: Event): void {
    // It is accepted once; of what is repeated the latest says more.
    if (event !== 'accepted' || !this.times.has(event)) this.times.set(event, performance.now());
  }

  /** The board had too much to do to take the command; it is tried again. */
  busy(sentence: string): void {
    this.refusal = sentence;
  }

  /** `idle` says what did not happen for so long, where the time was not one for the whole. */
  timeoutError(idle?: Idle): MqboardError {
    const within = seconds(performance.now() - this.begun);
    const missed = idle
      ? `${idle.what} ${seconds(idle.milliseconds)}`
      : `did not finish within ${within}`;
    if (this.presence.isUnheardOf && this.connection.state === 'connected') {
      return this.unknownError(`, and nothing answered within ${within}`);
    }
    if (this.refusal !== '' && !this.times.has('accepted')) {
      const words = `it was busy for all of ${within} (${this.refusal}). Try again later.`;
      return new BoardRefusedError('busy', words);
    }
    return new BoardTimeoutError(`The board ${this.prefix} ${missed}: ${this.lastHeard()}`);
  }

  /** `more` goes on with what is known of the board: nothing. */
  unknownError(more = ''): BoardUnknownError {
    return new BoardUnknownError(
      `Nothing is known of a board ${this.prefix}: the broker has kept no message of it${more}. ` +
        'Is the name right, and is the board switched on?',
    );
  }

  offlineError(): BoardOfflineError {
    const { info, statusSince } = this.presence;
    const since = statusSince ? `, since ${seconds(Date.now() - statusSince)} ago` : '';
    const sleep = sleeping(info, statusSince, Date.now());
    if (sleep) {
      return new BoardOfflineError(
        `The board ${this.prefix} sleeps${since}: for ${sleep.every} s, then it wakes for ${sleep.awake} s. Nothing was sent.`,
      );
    }
    return new BoardOfflineError(
      `The board ${this.prefix} is offline${since}: the broker has its last will. Nothing was sent.`,
    );
  }

  private lastHeard(): string {
    const trouble = this.trouble();
    const output = this.times.get('output');
    const accepted = this.times.get('accepted');
    if (accepted === undefined) {
      return trouble ? `${trouble}.` : `nothing was heard from it${this.lastSeen()}`;
    }
    const said = output === undefined ? '' : `, and last printed ${this.ago(output)}`;
    const running = `it accepted the command ${this.ago(accepted)}${said}`;
    if (trouble) return `${running}; then ${trouble}.`;
    const heard = this.times.get('heard') ?? accepted;
    if (performance.now() - heard > SILENCE_MS) {
      return `${running}; nothing was heard from it for ${seconds(performance.now() - heard)}. It hangs, or is gone.`;
    }
    return `${running} and is still running it.`;
  }

  private trouble(): string {
    if (this.connection.state !== 'connected') return 'the connection to the broker was lost';
    if (this.presence.status === 'offline') return 'the board went offline and did not come back';
    return '';
  }

  private lastSeen(): string {
    const { status, statusSince } = this.presence;
    if (status !== 'online') return '. Is the prefix right, and is the board switched on?';
    if (statusSince === undefined) return ', though the broker still has it as online.';
    return `; it was last seen online ${seconds(Date.now() - statusSince)} ago.`;
  }

  private ago(time: number): string {
    return `${seconds(performance.now() - time)} ago`;
  }
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
