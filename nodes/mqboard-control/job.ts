import type { Node, NodeAPI, NodeMessageInFlow } from 'node-red';
import { type ResetHow, type Setting, SLOTS, type Slot } from '../../core/index';
import { readBoardNames } from '../shared/board-names';
import type { BoardJob } from '../shared/board-worker';
import { typedValue } from '../shared/property';
import type { ServerNode } from '../shared/server-node';
import { timeoutMs } from '../shared/server-settings';
import { ACTIONS, type Action, type ControlSettings, RESETS } from './settings';
import { bad, found, logSetting, sysinfoSetting, wakeSetting } from './values';

/** What one message asks for. */
export type Ask =
  | { action: 'reset'; how: ResetHow; why: string | undefined }
  | { action: Setting; to: object | null }
  | { action: 'rollback'; slot: Slot; why: string | undefined }
  | { action: 'confirm' | 'releases' };

export type ControlJob = BoardJob & { limitMs: number; ask: Ask };

/** A board has a minute to be back, and a release that was brought back to be confirmed its trial. */
const RESET_MS = 60_000;
const TRIAL_MS = 15 * 60_000;
/** The board keeps it in a few bytes that outlive a reset. */
const LONGEST_WHY = 60;

/** Reads what a message asks of an `mqboard-control` node. */
export class JobReader {
  constructor(
    private readonly RED: NodeAPI,
    private readonly node: Node,
    private readonly settings: ControlSettings,
  ) {}

  /** @throws InvalidInputError that names the setting and says what was found instead. */
  async read(msg: NodeMessageInFlow, server: ServerNode): Promise<ControlJob> {
    const { RED, node, settings } = this;
    const names = await readBoardNames(RED, node, settings, msg);
    const action = chosen(ACTIONS, settings.action, msg, 'action');
    const limitMs = timeoutMs(settings.timeout, usualLimit(action, server));
    return { ...names, limitMs, ask: await this.ask(action, msg) };
  }

  private async ask(action: Action, msg: NodeMessageInFlow): Promise<Ask> {
    if (isReset(action)) return { action: 'reset', how: action, why: await this.why(msg) };
    if (action === 'log') return { action, to: logSetting(await this.value('level', msg)) };
    if (action === 'sysinfo')
      return { action, to: sysinfoSetting(await this.value('interval', msg)) };
    if (action === 'wake') {
      const [every, awake] = [await this.value('every', msg), await this.value('awake', msg)];
      return { action, to: wakeSetting(every, awake) };
    }
    if (action === 'rollback') {
      const slot = chosen(SLOTS, this.settings.slot, msg, 'slot');
      return { action, slot, why: await this.why(msg) };
    }
    return { action };
  }

  private async why(msg: NodeMessageInFlow): Promise<string | undefined> {
    const why = await this.value('why', msg);
    if (why === undefined || why === null || why === '') return undefined;
    return String(why).slice(0, LONGEST_WHY);
  }

  private async value(
    name: 'why' | 'level' | 'interval' | 'every' | 'awake',
    msg: NodeMessageInFlow,
  ): Promise<unknown> {
    const type = this.settings[`${name}Type`];
    if (type === 'usual') return null;
    if (type === 'level') return this.settings.level;
    if (type === 'num' && this.settings[name].trim() === '') return null;
    return typedValue(this.RED, this.node, type, this.settings[name], msg);
  }
}

function isReset(action: string): action is ResetHow {
  return (RESETS as readonly string[]).includes(action);
}

function usualLimit(action: Action, server: ServerNode): number {
  if (isReset(action)) return RESET_MS;
  return action === 'rollback' ? TRIAL_MS : server.timeoutMs;
}

/** One of a few words, fixed in the node or from the message. */
function chosen<W extends string>(
  words: readonly W[],
  fixed: W | 'msg',
  msg: NodeMessageInFlow,
  property: 'action' | 'slot',
): W {
  const given = fixed === 'msg' ? (msg as Record<string, unknown>)[property] : fixed;
  const word = words.find((name) => name === given);
  if (word) return word;
  const where = fixed === 'msg' ? `msg.${property}` : `The field "${property}"`;
  const sentence = `${where} must be one of ${words.join(', ')}; it is ${found(given)}.`;
  if (property === 'slot') throw bad('BAD_SLOT', 'bad slot', sentence);
  throw bad('BAD_ACTION', 'bad action', sentence);
}
