export { Board } from './board/board';
export { Boards } from './board/boards';
export type {
  FileEntry,
  FileHash,
  FileOptions,
  FileStat,
  GetOptions,
  GetResult,
  GetSink,
  ListOptions,
  MkdirOptions,
  PutOptions,
  PutResult,
  RemoveOptions,
  TransferOptions,
  TransferProgress,
} from './board/files/types';
export type { EvalOptions, EvalResult, Progress } from './board/types';
export { testConnection } from './link/attempt';
export {
  Connection,
  type ConnectionEvents,
  type ConnectionState,
  type Subscription,
} from './link/connection';
export { type ConnectionOptions, parseBrokerUrl, type TlsOptions } from './link/options';
export type { Message, MessageListener } from './link/subscriptions';
export {
  AbortedError,
  BoardError,
  BoardOfflineError,
  BoardRefusedError,
  BoardRestartedError,
  BoardTimeoutError,
  BoardUnknownError,
  InvalidInputError,
  LinkError,
  MqboardError,
  NotConnectedError,
  OutputLostError,
} from './protocol/errors';
export { BoardFileError } from './protocol/file-errors';
export type { BoardInfo } from './protocol/info';
export { boardPath } from './protocol/paths';
export { pythonToJs } from './protocol/python-values';
export { checkPrefix } from './protocol/topics';
export { FileSink, type GetToFileOptions, getToFile } from './sync/file-sink';
export { LocalFileError, systemWords } from './sync/local-file-error';
export { readLocal, readLocalFile } from './sync/local-files';
export { LocalRoot } from './sync/local-root';
export { syncBoard } from './sync/sync';
export type { SyncAction, SyncOptions, SyncReport, SyncSource } from './sync/types';
