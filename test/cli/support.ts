import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Run {
  process: ChildProcess;
  finished: Promise<Finished>;
}

const MAIN = join(__dirname, '../../cli/main.ts');

/** Starts the command as a user does; what it finds in the environment is `env` alone. */
export function mqboard(args: string[], env: Record<string, string> = {}, stdin = ''): Run {
  const child = spawn(process.execPath, ['--require', 'tsx/cjs', MAIN, ...args], {
    env: { PATH: process.env.PATH, ...env },
  });
  child.stdin.end(stdin);
  const finished = new Promise<Finished>((resolve, reject) => {
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (data) => {
      stdout += data;
    });
    child.stderr.on('data', (data) => {
      stderr += data;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
  return { process: child, finished };
}
