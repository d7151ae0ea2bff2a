import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Looks for package.json above this file: it is one folder further away once compiled to `dist/`. */
export function packageVersion(folder = __dirname): string {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version;
  } catch (error) {
    if (folder === dirname(folder)) throw error;
    return packageVersion(dirname(folder));
  }
}
