import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Release } from '../protocol/release';
import { buildRelease } from './build';
import { packageRoot } from './package-root';
import type { ReleaseOptions } from './types';

/** The oldest MicroPython that the framework runs on. */
const OLDEST_MPY = '1.22';

/**
 * The firmware of this package as a release of the slot `framework`; its version is the package's. `boot.py`, which
 * no update touches, and the configuration are not part of it.
 * @throws LocalFileError when the package is not complete.
 */
export async function frameworkRelease(
  options: Pick<ReleaseOptions, 'bytecode' | 'signal'> = {},
): Promise<Release> {
  const root = packageRoot();
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  return buildRelease({
    ...options,
    slot: 'framework',
    name: 'mqboard',
    version: String(version),
    folder: join(root, 'firmware'),
    include: ['/main.py', '/lib/**'],
    needs: { mpy: OLDEST_MPY },
  });
}
