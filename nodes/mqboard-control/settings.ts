import type { ResetHow, Slot } from '../../core/index';
import type { BoardSettings } from '../shared/board-names';

export const RESETS: readonly ResetHow[] = ['normal', 'safe', 'soft', 'hard'];
const OTHERS = ['log', 'sysinfo', 'wake', 'confirm', 'rollback', 'releases'] as const;

export type Action = ResetHow | (typeof OTHERS)[number];
export const ACTIONS: readonly Action[] = [...RESETS, ...OTHERS];

/** What the dialog of an `mqboard-control` node keeps. A setting with a `...Type` is a typed input. */
export interface ControlSettings extends BoardSettings {
  /** `msg` takes it from `msg.action`. */
  action: Action | 'msg';
  /** What a board that restarts says as its reason; what is told of a rollback. */
  why: string;
  whyType: string;
  /** Whether a restart is over only when the board is there again. */
  wait: boolean;
  /** The broker holds it: for all boots to come, and for a board that is away. */
  keep: boolean;
  /** Of `levelType` `level` a name; `usual` goes back to the board's configuration. */
  level: string;
  levelType: string;
  /** Seconds between vital signs; `intervalType` `usual` goes back to the board's configuration. */
  interval: string;
  intervalType: string;
  /** Seconds that a board sleeps, and that it is awake in between; `usual` and empty: as it is configured. */
  every: string;
  everyType: string;
  awake: string;
  awakeType: string;
  /** What a rollback is of; `msg` takes it from `msg.slot`. */
  slot: Slot | 'msg';
  /** Property of the message that takes the result. */
  result: string;
  /** Seconds, as typed. */
  timeout: string;
}
