import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface LockedPackage {
  inBundle?: boolean;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

const lock: { packages: Record<string, LockedPackage> } = JSON.parse(
  readFileSync(join(__dirname, '..', 'package-lock.json'), 'utf8'),
);

/** Looks for a package as Node does: in the folder of the one that asks, then in each above it. */
function isLocked(name: string, askedBy: string): boolean {
  const above = [...askedBy.matchAll(/node_modules\//g)].map(({ index }) =>
    askedBy.slice(0, index),
  );
  const folders = askedBy === '' ? [''] : [`${askedBy}/`, ...above];
  return folders.some((folder) => lock.packages[`${folder}node_modules/${name}`] !== undefined);
}

describe('package-lock.json', () => {
  // npm ci, and with it the first `npm start`, gives up on a lock file without them; npm leaves out
  // those of other platforms when it writes the file against a registry that lacks them.
  it('names the packages of every platform, so that a fresh clone can be installed', () => {
    const missing = Object.entries(lock.packages)
      .filter(([, { inBundle }]) => !inBundle)
      .flatMap(([path, { dependencies, optionalDependencies }]) =>
        Object.keys({ ...dependencies, ...optionalDependencies })
          .filter((name) => !isLocked(name, path))
          .map((name) => `${name}, which ${path || 'package.json'} asks for`),
      );
    assert.deepEqual(missing, []);
  });
});
