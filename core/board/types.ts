/** How far a command has come: not sent yet, sent, or known to run on the board. */
export type Progress = 'waiting' | 'sent' | 'running';

export interface EvalOptions {
  /** Each becomes a global name on the board before the code runs; sent as data, never as source. */
  variables?: Record<string, unknown>;
  /** The whole call may take this long. Default 10 000. */
  timeoutMs?: number;
  /** Aborting it cancels the command on the board. */
  signal?: AbortSignal;
  /** What the code prints, as it comes. A board that speaks version 1 sends it only at the end. */
  onOutput?: (text: string) => void;
  onProgress?: (progress: Progress) => void;
}

export interface EvalResult {
  /** What the board said: `repr()` of the value, or what statements printed. */
  text: string;
  /** `text` as a JavaScript value; the text where it cannot be one; undefined without a value. */
  value: unknown;
  /** What the code printed. */
  output: string;
  /** False after statements, which have no value. */
  hasValue: boolean;
  elapsedMs: number;
}
