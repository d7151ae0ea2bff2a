/** The board's clock has this many milliseconds before it starts again at 0. */
export const TICKS_RANGE = 2 ** 30;

/** Keys that every command line has; each command adds its own. */
export interface CommandLine {
  do: string;
  /** The boot that is meant: another one refuses. */
  boot: number;
  /** Board time, in its own milliseconds, after which the command must not start. */
  until: number;
  [key: string]: unknown;
}

/** A whole command, before it is cut into parts: a line of JSON, a line feed, the body. */
export function encodeCommand(line: CommandLine, body: string | Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${JSON.stringify(line)}\n`), Buffer.from(body as string)]);
}
