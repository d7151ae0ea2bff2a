import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The package's folder, from the sources in simulator/ and from the compiled dist/simulator/ alike. */
export const packageRoot = (() => {
  let folder = __dirname;
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
})();

/** What a board runs: the framework, unchanged. */
export const firmwareFolder = join(packageRoot, 'firmware');

/** The device models, Python, beside this file. */
export const devicesFolder = join(__dirname, 'devices');
