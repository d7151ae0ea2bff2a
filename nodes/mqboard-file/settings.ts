import type { BoardSettings } from '../shared/board-names';

export const ACTIONS = [
  'put',
  'get',
  'list',
  'stat',
  'hash',
  'mkdir',
  'remove',
  'rename',
  'sync',
] as const;

export type Action = (typeof ACTIONS)[number];

/** What the dialog of an `mqboard-file` node keeps. A setting with a `...Type` is a typed input. */
export interface FileSettings extends BoardSettings {
  /** `msg` takes it from `msg.action`. */
  action: Action | 'msg';
  /** On the board. */
  path: string;
  pathType: string;
  /** The new path of `rename`. */
  to: string;
  toType: string;
  /** Where `put` has the content from. */
  putFrom: 'value' | 'file';
  syncFrom: 'folder' | 'list' | 'specification' | 'specificationFile';
  /** The value for `put`, the list or the specification for `sync`. */
  content: string;
  contentType: string;
  /** Where the content goes that `get` brings. */
  into: 'buffer' | 'text' | 'json' | 'file';
  /** A local file or folder, below `root`. */
  local: string;
  localType: string;
  /** Empty for `mqboard` in Node-RED's user directory, which a relative one counts from. */
  root: string;
  /** Make the folders that are missing: `put`, `mkdir`. */
  parents: boolean;
  compress: boolean;
  /** What `remove` takes. */
  what: 'file' | 'folder' | 'all';
  recursive: boolean;
  hashes: boolean;
  dryRun: boolean;
  /** `sync` removes what only the board has. */
  extra: boolean;
  /** One pattern a line. */
  ignore: string;
  mpy: boolean;
  /** Property of the message that takes the result. */
  result: string;
  /** Seconds, as typed. */
  timeout: string;
  /** Whether the second output tells how far a transfer is. */
  progress: boolean;
}
