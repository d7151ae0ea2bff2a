import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SCRIPT = join(__dirname, '../../scripts/ensure-installed.mjs');

describe('Before npm start and npm test', () => {
  let clone: string;

  beforeEach(() => {
    clone = mkdtempSync(join(tmpdir(), 'mqboard-clone-'));
    mkdirSync(join(clone, 'scripts'));
    copyFileSync(SCRIPT, join(clone, 'scripts', 'ensure-installed.mjs'));
    mkdirSync(join(clone, 'bin'));
    writeFileSync(join(clone, 'bin', 'npm'), '#!/bin/sh\necho "npm of the packages"\n', {
      mode: 0o755,
    });
    fakeNpm(0);
    put('package-lock.json', 100);
  });
  afterEach(() => rmSync(clone, { recursive: true, force: true }));

  /** Writes a file that was last changed at `seconds`. */
  function put(name: string, seconds: number): void {
    const path = join(clone, name);
    writeFileSync(path, '{}');
    utimesSync(path, seconds, seconds);
  }

  /** The npm that the user has started: it says what it was asked for, and ends with `status`. */
  function fakeNpm(status: number): void {
    const source = `console.log('npm', ...process.argv.slice(2)); process.exitCode = ${status};`;
    writeFileSync(join(clone, 'npm-cli.js'), source);
  }

  function ensureInstalled(): { status: number | null; stdout: string; stderr: string } {
    const PATH = `${join(clone, 'bin')}:${process.env.PATH}`;
    const env = { PATH, npm_execpath: join(clone, 'npm-cli.js') };
    const script = join(clone, 'scripts', 'ensure-installed.mjs');
    return spawnSync(process.execPath, [script], { encoding: 'utf8', env });
  }

  it('installs a fresh clone, by the npm that is running and not by the one among the packages', () => {
    const { status, stdout } = ensureInstalled();
    assert.equal(status, 0);
    assert.match(stdout, /^npm ci /m);
    assert.doesNotMatch(stdout, /npm of the packages/);
  });

  it('installs again when the lock file has become newer', () => {
    mkdirSync(join(clone, 'node_modules'));
    put('node_modules/.package-lock.json', 99);
    assert.match(ensureInstalled().stdout, /^npm ci /m);
  });

  it('touches nothing behind a link to the packages of another clone', () => {
    mkdirSync(join(clone, 'elsewhere'));
    symlinkSync(join(clone, 'elsewhere'), join(clone, 'node_modules'));
    const { status, stdout, stderr } = ensureInstalled();
    assert.equal(status, 1);
    assert.equal(stdout, '');
    assert.match(stderr, /node_modules is a link/);
  });

  it('does nothing when everything is installed', () => {
    mkdirSync(join(clone, 'node_modules'));
    put('node_modules/.package-lock.json', 101);
    assert.equal(ensureInstalled().stdout, '');
  });

  it('ends with an error when the install fails', () => {
    fakeNpm(1);
    const { status, stderr } = ensureInstalled();
    assert.equal(status, 1);
    assert.match(stderr, /npm ci failed/);
  });
});
