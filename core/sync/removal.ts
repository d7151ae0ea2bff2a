import type { SyncAction } from './types';

export const removal = (path: string, type: 'file' | 'folder', reason: string): SyncAction => ({
  action: 'remove',
  path,
  type,
  reason,
});
