// Makes `npm start` and `npm test` work on a fresh clone: installs what the lock file names when
// it is not installed yet, or when the lock file is newer than what is installed.
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Time of a file's last change in milliseconds, or 0 when there is no such file. */
function changedAt(file) {
  return statSync(join(root, file), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

// npm writes this file at the end of an install, so an install that was broken off is done again.
const installed = changedAt('node_modules/.package-lock.json');
if (installed === 0 || installed < changedAt('package-lock.json')) {
  console.log('Installing what package-lock.json names ...');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const { status, error } = spawnSync(npm, ['ci', '--no-audit', '--no-fund'], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (error || status !== 0) {
    console.error(
      `npm ci failed${error ? `: ${error.message}` : ''}. Is the npm registry in reach?`,
    );
    process.exit(1);
  }
}
