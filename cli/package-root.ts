import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Looks for package.json above this file: it is one folder further away once compiled to `dist/`. */
export function packageRoot(folder = __dirname): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  if (folder === dirname(folder)) throw new Error('This command is not in its package any more.');
  return packageRoot(dirname(folder));
}
