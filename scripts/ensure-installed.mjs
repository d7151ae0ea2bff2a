// Makes `npm start` and `npm test` work on a fresh clone: installs what the lock file names when
// it is not installed yet, or when the lock file is newer than what is installed.
import { spawnSync } from 'node:child_process';
import { lstatSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Time of a file's last change in milliseconds, or 0 when there is no such file. */
function changedAt(file) {
  return statSync(join(root, file), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/**
 * Runs the npm that the user has started. A bare `npm` would be another one: among the packages there
 * is an npm, which scripts find first on their PATH, and which would delete itself while it works.
 */
function install(args) {
  const options = { cwd: root, stdio: 'inherit' };
  const running = process.env.npm_execpath ?? '';
  if (/npm-cli\.js$/.test(running)) {
    return spawnSync(process.execPath, [running, ...args], options);
  }
  return spawnSync('npm', args, { ...options, shell: process.platform === 'win32' });
}

// npm writes this file at the end of an install, so an install that was broken off is done again.
const installed = changedAt('node_modules/.package-lock.json');
if (installed === 0 || installed < changedAt('package-lock.json')) {
  // `npm ci` empties the folder behind a link: that of another clone.
  if (lstatSync(join(root, 'node_modules'), { throwIfNoEntry: false })?.isSymbolicLink()) {
    console.error(
      'node_modules is a link, and not what package-lock.json names: run npm ci where it leads.',
    );
    process.exit(1);
  }
  console.log('Installing what package-lock.json names ...');
  const { status, error } = install(['ci', '--no-audit', '--no-fund']);
  if (error || status !== 0) {
    console.error(
      `npm ci failed${error ? `: ${error.message}` : ''}. Is the npm registry in reach?`,
    );
    process.exit(1);
  }
}
