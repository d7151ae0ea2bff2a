import type { Turn } from '../shared/board-worker';
import type { LocalFiles } from '../shared/local-files';
import type { Words } from '../shared/words';
import type { Progress } from './progress';
import type { FileSettings } from './settings';

/** Everything that an action needs besides what it is asked for. */
export interface Scene {
  turn: Turn;
  settings: FileSettings;
  limitMs: number;
  progress: Progress;
  files: LocalFiles;
  words: Words;
}
