/** `release`: a file that `mqboard release build` made, which says itself what it is. */
export const KINDS = ['image', 'app', 'config', 'framework', 'release'] as const;

export type Kind = (typeof KINDS)[number];

/** What the dialog of an `mqboard-ota` node keeps. A setting with a `...Type` is a typed input. */
export interface OtaSettings {
  /** `msg` takes it from `msg.what`. */
  what: Kind | 'msg';
  from: 'value' | 'file' | 'url';
  /** The bytes of an image or a release, or a list of files. */
  content: string;
  contentType: string;
  /** A local file or folder, below `root`. */
  local: string;
  localType: string;
  root: string;
  url: string;
  urlType: string;
  /** Name and version of what is sent; empty for what can be found out. */
  release: string;
  version: string;
  versionType: string;
  /** The folder on the board. */
  to: string;
  /** One pattern a line. */
  ignore: string;
  mpy: boolean;
  /** Files of the release before that this one has not stay. */
  partial: boolean;
  /** As JSON; empty for nothing. */
  needs: string;
  needsType: string;
  /** Names and patterns, separated by commas; from a message also a list, or a filter. */
  board: string;
  boardType: string;
  chip: string;
  machine: string;
  below: string;
  tag: string;
  /** Numbers, as typed; empty for the usual. */
  canaries: string;
  waves: string;
  atOnce: string;
  /** Seconds between waves. */
  wait: string;
  stopFailed: string;
  stopPercent: string;
  stopAtLeast: string;
  /** Waits for boards that are away, so many hours at most. */
  wake: boolean;
  deadline: string;
  retries: string;
  /** Hours that a board is left alone which failed repeatedly. */
  quarantine: string;
  /** Whether the second output tells how far everything is. */
  progress: boolean;
}
