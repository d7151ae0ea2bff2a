import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** This package's folder, from the sources in core/ and from the compiled dist/core/ alike. */
export function packageRoot(folder = __dirname): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  if (folder === dirname(folder)) throw new Error('This file is not in its package any more.');
  return packageRoot(dirname(folder));
}
