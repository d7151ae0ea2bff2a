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
export type { KeptSetting, LogOptions, Setting } from './board/logs';
export { SharedStream } from './board/transfer/shared-stream';
export type { EvalOptions, EvalResult, Progress } from './board/types';
export type {
  FlashOptions,
  ReleaseState,
  ResetHow,
  ResetOptions,
  RollbackOptions,
  SlotState,
  UpdateOptions,
  UpdateProgress,
  UpdateResult,
} from './board/updates/types';
export { fileMemory } from './fleet/file-memory';
export { Fleet, type FleetEvents, type FleetOptions } from './fleet/fleet';
export { type RolloutMemory, rolloutMemory } from './fleet/rollout/memory';
export type {
  BoardFilter,
  RolloutContent,
  RolloutLimits,
  RolloutPlan,
  RolloutSettings,
} from './fleet/rollout/plan';
export { Rollout } from './fleet/rollout/rollout';
export type { RolloutSite, UpdatableBoard } from './fleet/rollout/site';
export {
  type BoardOutcome,
  type BoardResult,
  OUTCOMES,
  type RolloutCounts,
  type RolloutEvents,
  type RolloutProgress,
  type RolloutResult,
} from './fleet/rollout/types';
export type {
  CrashEvent,
  FleetListener,
  FleetMemory,
  KnownBoard,
  PresenceEvent,
  SysinfoEvent,
  Watch,
} from './fleet/types';
export { testConnection } from './link/attempt';
export {
  Connection,
  type ConnectionEvents,
  type ConnectionState,
  type Subscription,
} from './link/connection';
export { type ConnectionOptions, parseBrokerUrl, type TlsOptions } from './link/options';
export type { Message, MessageListener } from './link/subscriptions';
export { sleeping } from './protocol/asleep';
export {
  type CrashReport,
  parseCrashReport,
  type ReportedKind,
  type StoredCrash,
} from './protocol/crash-report';
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
export { checkImage, chipName, type ImageHeader, parseImageHeader } from './protocol/image-header';
export type { BoardInfo, LastBoot, ResetReason, WakeSchedule } from './protocol/info';
export { lastWords } from './protocol/last-words';
export { LEVELS, type LevelName } from './protocol/log-level';
export { type LogLine, parseLogLine } from './protocol/log-line';
export type { LogRecord } from './protocol/log-record';
export {
  formatManifest,
  type Manifest,
  type ManifestFile,
  type Needs,
  parseManifest,
} from './protocol/manifest';
export { boardPath } from './protocol/paths';
export { pythonToJs } from './protocol/python-values';
export type { Release } from './protocol/release';
export { signatureOf } from './protocol/signature';
export { parseSysinfo, type Sysinfo } from './protocol/sysinfo';
export { checkPrefix } from './protocol/topics';
export { type Frame, type PythonException, parseTraceback } from './protocol/traceback';
export {
  type BoardMode,
  type ImageInfo,
  SLOTS,
  type Slot,
  type SlotInfo,
  type UpdateInfo,
  type UpdateTarget,
} from './protocol/update-info';
export { versionAtLeast } from './protocol/version';
export { buildRelease } from './release/build';
export { packRelease, unpackRelease } from './release/bundle';
export { frameworkRelease } from './release/framework';
export type { ReleaseOptions } from './release/types';
export { FileSink, type GetToFileOptions, getToFile } from './sync/file-sink';
export { LocalFileError, systemWords } from './sync/local-file-error';
export { readLocal, readLocalFile } from './sync/local-files';
export { LocalRoot } from './sync/local-root';
export { syncBoard } from './sync/sync';
export type { SyncAction, SyncOptions, SyncReport, SyncSource } from './sync/types';
