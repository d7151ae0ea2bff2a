import type { Node, NodeAPI } from 'node-red';
import { BoardOfflineError, type ResetHow, type Setting } from '../../core/index';
import type { Message, Turn, Work } from '../shared/board-worker';
import { withResult } from '../shared/property';
import type { ServerNode } from '../shared/server-node';
import { shortTime } from '../shared/short-texts';
import { type Ask, type ControlJob, JobReader } from './job';
import type { ControlSettings } from './settings';

interface Options {
  timeoutMs: number;
  signal: AbortSignal;
}

/** What an `mqboard-control` node does with its messages. */
export class Controller implements Work<ControlJob> {
  readonly longestQueue = 50;
  private readonly reader: JobReader;

  constructor(
    private readonly RED: NodeAPI,
    node: Node,
    private readonly settings: ControlSettings,
  ) {
    this.reader = new JobReader(RED, node, settings);
  }

  read(msg: Message, server: ServerNode): Promise<ControlJob> {
    return this.reader.read(msg, server);
  }

  async run({ ask, limitMs }: ControlJob, turn: Turn): Promise<{ msg: Message; shown: string }> {
    const begun = performance.now();
    const options = { timeoutMs: limitMs, signal: turn.signal };
    const result = await this.perform(ask, turn, options);
    const elapsedMs = Math.round((performance.now() - begun) * 10) / 10;
    const action = ask.action === 'reset' ? ask.how : ask.action;
    const msg = { ...turn.msg, board: turn.name, mqboard: { action, ...result, elapsedMs } };
    return {
      msg: withResult(this.RED, msg, this.settings.result, result),
      shown: shortTime(elapsedMs),
    };
  }

  private async perform(ask: Ask, turn: Turn, options: Options): Promise<object> {
    const { board } = turn;
    switch (ask.action) {
      case 'reset':
        return this.reset(ask.how, ask.why, turn, options);
      case 'log':
      case 'sysinfo':
      case 'wake':
        return this.set(ask.action, ask.to, turn, options);
      case 'confirm':
        await board.confirm(options);
        return board.releases(options);
      case 'rollback': {
        const { slot, why } = ask;
        return board.rollback(slot, {
          trialMs: options.timeoutMs,
          signal: options.signal,
          ...(why !== undefined && { why }),
        });
      }
      case 'releases':
        return board.releases(options);
    }
  }

  private async reset(
    how: ResetHow,
    why: string | undefined,
    { board }: Turn,
    options: Options,
  ): Promise<object> {
    const { wait } = this.settings;
    const held = how === 'safe' && this.settings.keep;
    try {
      await board.reset(how, { ...options, wait, ...(why !== undefined && { why }) });
    } catch (error) {
      if (!(error instanceof BoardOfflineError)) throw error;
      if (how === 'normal') await board.keep('mode', null);
      if (!held) throw error;
      // It goes there when it is back.
      await board.keep('mode', { mode: 'safe' });
      return { how, kept: true };
    }
    // After the reset, for the board would restart at once, and without the reason.
    if (held) await board.keep('mode', { mode: 'safe' });
    const mode = wait ? board.info?.mode : undefined;
    return { how, ...(mode !== undefined && { mode }), ...(held && { kept: true }) };
  }

  private async set(
    what: Setting,
    to: object | null,
    { board }: Turn,
    options: Options,
  ): Promise<object> {
    if (!this.settings.keep) return { setting: await board.set(what, to, options), kept: false };
    await board.keep(what, to);
    return { setting: to, kept: true };
  }
}
