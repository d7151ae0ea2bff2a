// Runs all checks one after the other and adds up what their test runners counted. A check that
// runs no tests counts as one. Prints `N passed, N failed` as its very last line, and exits with 1
// when anything failed.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

const checks = [
  { name: 'lint', command: 'npm run lint' },
  { name: 'npm test', command: 'npm test', counts: true },
  { name: 'npm run test:system', command: 'npm run test:system', counts: true },
  { name: 'nothing generated is left in the tree', command: 'test -z "$(git status --porcelain)"' },
];

/** Longest that a check may take; it takes a third of that. */
const LIMIT_MS = 30 * 60_000;
/** How long the output may stay open when a command has ended. */
const LEFT_MS = 10_000;

/** The number that mocha gives for a word in its summary, such as "12 passing (3s)"; 0 without. */
function counted(output, word) {
  const summary = new RegExp(`^\\s*(\\d+) ${word}\\b`, 'gm');
  return [...output.matchAll(summary)].reduce((sum, match) => sum + Number(match[1]), 0);
}

/** Runs one check with its output shown, and tells how many tests passed and failed in it. */
async function run({ name, command, counts = false }) {
  console.log(`\n=== ${name}: ${command}`);
  const started = Date.now();
  const { output, status } = await outputOf(command);
  const seconds = ((Date.now() - started) / 1000).toFixed(0);
  console.log(`=== ${name}: ${status === 0 ? 'ok' : `failed (exit ${status})`}, ${seconds} s`);
  const passed = counts ? counted(output, 'passing') : Number(status === 0);
  const failed = counts ? counted(output, 'failing') : Number(status !== 0);
  // A runner that broke down before it could count, or that counted nothing, failed.
  const broken = counts && ((status !== 0 && failed === 0) || passed + failed === 0);
  return { passed, failed: failed + Number(broken) };
}

/**
 * Shows what a command prints while it runs. A command that does not end, or that leaves processes
 * behind which hold its output, is ended, and failed: nothing may keep the last line from coming.
 */
function outputOf(command) {
  return new Promise((resolve) => {
    let output = '';
    // A group of its own, so that all that it started can be ended with it.
    const child = spawn('bash', ['-c', command], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, CI: 'true', FORCE_COLOR: '0' },
      detached: true,
    });
    let why;
    const end = (reason) => {
      why = reason;
      console.log(`=== ${reason}: ended`);
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {} // nobody is left in the group
      for (const stream of [child.stdout, child.stderr]) stream.destroy();
    };
    let timer = setTimeout(() => end(`not done after ${LIMIT_MS / 60_000} minutes`), LIMIT_MS);
    child.on('exit', () => {
      clearTimeout(timer);
      timer = setTimeout(() => end('processes that it left behind hold its output'), LEFT_MS);
    });
    for (const stream of ['stdout', 'stderr']) {
      child[stream].on('data', (chunk) => {
        process[stream].write(chunk);
        if (stream === 'stdout') output += chunk;
      });
    }
    child.on('close', (status) => {
      clearTimeout(timer);
      resolve({ output, status: why ?? status });
    });
  });
}

let passed = 0;
let failed = 0;
for (const check of checks) {
  const result = await run(check);
  passed += result.passed;
  failed += result.failed;
}
process.exitCode = failed === 0 ? 0 : 1;
console.log(`\n${passed} passed, ${failed} failed`);
